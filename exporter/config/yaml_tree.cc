#include "config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "text/sanitize.h"

namespace aiops {
namespace {

// Thrown through yaml-cpp to end its parse early; never leaves this file.
struct Refused {
  YamlProblem problem;
};

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\n' && c != '\t') || u == 0x7f;
  });
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlTree& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Refuse(mark, "a second document begins here, want one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Check(mark, "", anchor);
    Add(Make(YamlNode::Kind::kNull, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(mark, "an alias (*name) is not supported: write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Check(mark, tag, anchor);
    if (HasControlCharacter(value)) Refuse(mark, "a control character is not allowed in a value");
    auto node = Make(YamlNode::Kind::kScalar, mark);
    node.text = value;
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMapping, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

  // yaml-cpp only knows where the file ends.
  [[noreturn]] void RefuseOpenQuote() const {
    const Level level = stack_.empty() ? Level{} : stack_.back();
    throw Refused{{level.has_key ? level.key_line : level.node.line, Path(),
                   "a quote begins here that nothing closes"}};
  }

 private:
  struct Level {
    YamlNode node;
    std::string key;  // of the member whose value is awaited
    int key_line = 0;
    bool has_key = false;
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string message) const {
    throw Refused{{mark.line + 1, Path(), std::move(message)}};
  }

  static YamlNode Make(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  // yaml-cpp gives "?" to plain and "!" to quoted values that carry no tag.
  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) Refuse(mark, "an anchor (&name) is not supported");
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(mark, "a tag (!name) is not supported");
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    Check(mark, tag, anchor);
    if (stack_.size() >= kMaxYamlDepth)
      Refuse(mark, "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels");
    if (AwaitsKey()) Refuse(mark, "a key must be text");
    stack_.push_back({Make(kind, mark), "", 0, false});
  }

  void Close() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    Add(std::move(node));
  }

  bool AwaitsKey() const {
    return !stack_.empty() && stack_.back().node.kind == YamlNode::Kind::kMapping &&
           !stack_.back().has_key;
  }

  void Add(YamlNode node) {
    if (stack_.empty()) {
      tree_.root = std::move(node);
    } else if (AwaitsKey()) {
      TakeKey(std::move(node));
    } else {
      TakeValue(std::move(node));
    }
  }

  void TakeKey(YamlNode node) {
    Level& level = stack_.back();
    if (node.kind != YamlNode::Kind::kScalar || node.text.empty())
      throw Refused{{node.line, Path(), "a key must be text"}};
    level.key = std::move(node.text);
    level.key_line = node.line;
    level.has_key = true;
  }

  void TakeValue(YamlNode node) {
    Level& level = stack_.back();
    if (level.node.children.size() >= kMaxYamlMembers)
      throw Refused{
          {node.line, Path(), "more than " + std::to_string(kMaxYamlMembers) + " members"}};
    if (level.node.kind == YamlNode::Kind::kMapping) {
      level.has_key = false;
      node.line = level.key_line;
      node.key = level.key;
      if (const YamlNode* first = level.node.Find(level.key)) {
        level.has_key = true;  // for Path()
        tree_.problems.push_back(
            {node.line, Path(), "found twice, first at line " + std::to_string(first->line)});
        level.has_key = false;
        return;
      }
    }
    level.node.children.push_back(std::move(node));
  }

  // Of the value that is being read: "facts[0].name".
  std::string Path() const {
    std::string path;
    for (const Level& level : stack_) {
      if (level.node.kind == YamlNode::Kind::kSequence) {
        path += "[" + std::to_string(level.node.children.size()) + "]";
      } else if (level.has_key) {
        if (!path.empty()) path += '.';
        path += Sanitize(level.key, 100);
      }
    }
    return path;
  }

  YamlTree& tree_;
  std::vector<Level> stack_;
  int documents_ = 0;
};

void Parse(std::string_view text, YamlTree& tree) {
  // The comment: yaml-cpp takes a quote for closed where the file ends with a newline.
  std::istringstream stream{std::string(text) + (text.ends_with('\n') ? "#" : "\n#")};
  YAML::Parser parser(stream);
  TreeBuilder builder(tree);
  try {
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) builder.RefuseOpenQuote();
    throw;
  }
}

// The first line, up to `last`, with a tab in its indentation, which YAML forbids and editors hide;
// 0 if there is none.
int TabbedLine(std::string_view text, int last) {
  for (int line = 1; line <= last && !text.empty(); ++line) {
    const auto indentation = text.substr(0, text.find_first_not_of(" \t"));
    if (indentation.find('\t') != std::string_view::npos) return line;
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return 0;
}

YamlTree Broken(YamlTree tree, YamlProblem problem) {
  tree.root = {};
  tree.problems.push_back(std::move(problem));
  return tree;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view name) const {
  if (kind != Kind::kMapping) return nullptr;
  const auto it = std::find_if(children.begin(), children.end(),
                               [&](const YamlNode& child) { return child.key == name; });
  return it == children.end() ? nullptr : &*it;
}

const YamlNode* YamlNode::FindPath(std::string_view path) const {
  if (const YamlNode* member = Find(path)) return member;
  const auto dot = path.find('.');
  const YamlNode* section = dot == std::string_view::npos ? nullptr : Find(path.substr(0, dot));
  return section ? section->FindPath(path.substr(dot + 1)) : nullptr;
}

std::string DescribeKind(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "text";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMapping:
      return "a mapping";
  }
  return "nothing";
}

std::string Describe(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar ? "'" + Sanitize(node.text, 60) + "'"
                                              : DescribeKind(node);
}

YamlTree ParseYaml(std::string_view text) {
  YamlTree tree;
  if (text.size() > kMaxYamlBytes) return Broken({}, {0, "", "larger than 1 MiB"});
  if (!IsValidUtf8(text)) return Broken({}, {0, "", "not valid UTF-8"});
  try {
    Parse(text, tree);
  } catch (const Refused& refused) {
    return Broken(std::move(tree), refused.problem);
  } catch (const YAML::Exception& error) {
    if (const int line = TabbedLine(text, error.mark.line + 1); line != 0)
      return Broken(std::move(tree), {line, "", "a tab indents this line: use spaces"});
    return Broken(std::move(tree),
                  {error.mark.line + 1, "", "not valid YAML: " + Sanitize(error.msg, 200)});
  } catch (const std::exception& error) {
    return Broken(std::move(tree), {0, "", "not valid YAML: " + Sanitize(error.what(), 200)});
  }
  return tree;
}

}  // namespace aiops
