// The getters of Section for what has members: lists, maps and sections.
#include <set>
#include <utility>

#include "config/document_state.h"
#include "config/section.h"
#include "config/values.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

using Kind = YamlNode::Kind;

std::string JoinPath(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

KeyRef Ref(const YamlNode* node, const std::string& path, std::string_view key, bool has_env) {
  return {node, path, std::string(key), JoinPath(path, key), has_env, {}};
}

KeyDoc Doc(std::string_view type, std::string_view allowed, std::string_view help) {
  return {.type = std::string(type), .allowed = std::string(allowed), .help = std::string(help)};
}

// The member if it is of this kind; null if it is absent, empty or wrong (reported, without its
// text: a lone text where a section belongs may be a password).
const YamlNode* Member(DocumentState& state, const KeyRef& ref, Kind kind, const char* want) {
  const auto given = state.FromFile(ref);
  if (!given || given->node->kind == Kind::kNull) return nullptr;
  if (given->node->kind == kind) return given->node;
  state.AddProblem(given->place, ref.path,
                   "found " + DescribeKind(*given->node) + ", want " + want);
  return nullptr;
}

// Scalars of a list, or of a lone scalar; nullopt after a problem.
std::optional<std::vector<std::string>> Items(DocumentState& state, const Given& given,
                                              const std::string& path) {
  constexpr const char* kWant = "a list of texts";
  if (!given.node) return SplitList(given.text);
  if (given.node->kind == Kind::kScalar) return std::vector<std::string>{given.node->text};
  if (given.node->kind != Kind::kSequence) {
    state.AddWrong(given, path, kWant);
    return std::nullopt;
  }
  std::vector<std::string> items;
  for (const auto& child : given.node->children) {
    if (child.kind != Kind::kScalar) {
      Given item = given;
      item.node = &child;
      item.place = state.InFile(child.line);
      state.AddWrong(item, path + "[" + std::to_string(items.size()) + "]", "text");
      return std::nullopt;
    }
    items.push_back(child.text);
  }
  return items;
}

std::string ShownList(const std::vector<std::string>& items) {
  std::vector<std::string> shown;
  for (const auto& item : items)
    shown.push_back(item.find("://") == std::string::npos ? Sanitize(item) : StripUrl(item));
  return Join(shown, ", ");
}

}  // namespace

std::vector<std::string> Section::Strings(std::string_view key, std::vector<std::string> fallback,
                                          Spec spec) const {
  KeyRef ref = Ref(node_, path_, key, has_env_);
  if (!spec.env.empty()) ref.aliases.emplace_back(spec.env);
  KeyDoc doc = Doc("list", "a list of texts, or one text", spec.help);
  doc.default_value = Join(fallback, ", ");
  state_->Declare(ref, std::move(doc));
  const auto given = state_->Find(ref);
  auto items = given ? Items(*state_, *given, ref.path) : std::move(fallback);
  if (!items) return fallback;
  state_->Record(ref, given, ShownList(*items));
  return *std::move(items);
}

std::vector<std::pair<std::string, std::string>> Section::StringMap(std::string_view key,
                                                                    Spec spec) const {
  const KeyRef ref = Ref(node_, path_, key, false);
  state_->Declare(ref, Doc("map", "a mapping of names to texts", spec.help));
  std::vector<std::pair<std::string, std::string>> entries;
  std::vector<std::string> names;
  if (const YamlNode* map = Member(*state_, ref, Kind::kMapping, "a mapping of names to texts")) {
    for (const auto& child : map->children) {
      if (child.kind != Kind::kScalar) {
        state_->AddProblem(state_->InFile(child.line), JoinPath(ref.path, Sanitize(child.key)),
                           "found " + DescribeKind(child) + ", want text");
        continue;
      }
      if (child.text.find('\n') != std::string::npos)
        state_->AddProblem(state_->InFile(child.line), JoinPath(ref.path, Sanitize(child.key)),
                           "found several lines, want one");
      entries.emplace_back(child.key, child.text);
      names.push_back(Sanitize(child.key));
    }
  }
  state_->Record(ref, state_->FromFile(ref), Join(names, ", "));
  return entries;
}

Section Section::Child(std::string_view key, std::string_view help) const {
  const KeyRef ref = Ref(node_, path_, key, has_env_);
  state_->DeclareSection(ref, help, "");
  const YamlNode* node = Member(*state_, ref, Kind::kMapping, "a mapping");
  // "docker:" with nothing below it was given, too.
  if (!node && node_ && node_->Find(key) && node_->Find(key)->kind == Kind::kNull)
    node = node_->Find(key);
  return {state_, node, ref.path, has_env_};
}

std::vector<Section> Section::List(std::string_view key, std::string_view help) const {
  const KeyRef ref = Ref(node_, path_, key, false);
  state_->DeclareSection(ref, help, "[]");
  if (state_->describing()) return {Section(state_, nullptr, ref.path + "[]", false)};
  std::vector<Section> sections;
  const YamlNode* list = Member(*state_, ref, Kind::kSequence, "a list of mappings");
  for (size_t i = 0; list && i < list->children.size(); ++i) {
    const YamlNode& child = list->children[i];
    const std::string path = ref.path + "[" + std::to_string(i) + "]";
    if (child.kind == Kind::kMapping) {
      sections.push_back(Section(state_, &child, path, false));
    } else {
      state_->AddProblem(state_->InFile(child.line), path,
                         "found " + DescribeKind(child) + ", want a mapping");
    }
  }
  return sections;
}

std::vector<std::pair<std::string, Section>> Section::Map(std::string_view key,
                                                          std::string_view help) const {
  const KeyRef ref = Ref(node_, path_, key, false);
  state_->DeclareSection(ref, help, ".<name>");
  std::vector<std::pair<std::string, Section>> sections;
  if (state_->describing()) {
    sections.emplace_back("<name>", Section(state_, nullptr, ref.path + ".<name>", false));
    return sections;
  }
  const YamlNode* map = Member(*state_, ref, Kind::kMapping, "a mapping of names to mappings");
  for (size_t i = 0; map && i < map->children.size(); ++i) {
    const YamlNode& child = map->children[i];
    const std::string path = ref.path + "." + child.key;
    if (child.kind == Kind::kMapping || child.kind == Kind::kNull) {
      sections.emplace_back(child.key, Section(state_, &child, path, false));
    } else {
      state_->AddProblem(state_->InFile(child.line), Sanitize(path, 200),
                         "found " + DescribeKind(child) + ", want a mapping");
    }
  }
  return sections;
}

}  // namespace aiops
