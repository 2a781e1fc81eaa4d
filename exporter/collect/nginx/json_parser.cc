#include <algorithm>
#include <array>

#include "collect/nginx/json_cursor.h"
#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"

namespace aiops {
namespace {

constexpr int kMaxDepth = 16;

struct Binding {
  EntryField field = EntryField::kIgnored;
  std::uint8_t rank = 0;  // 1 is the best
};

// The keys as a tree: what is not in it is skipped unread.
struct Node {
  std::string key;
  std::vector<Binding> bindings;
  std::vector<Node> children;

  Node& Child(std::string_view name) {
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const Node& each) { return each.key == name; });
    if (found != children.end()) return *found;
    children.push_back({std::string(name), {}, {}});
    return children.back();
  }

  const Node* Find(std::string_view name) const {
    for (const Node& child : children) {
      if (child.key == name) return &child;
    }
    return nullptr;
  }
};

class JsonParser final : public LineParser {
 public:
  JsonParser(Node root, std::uint32_t fields) : root_(std::move(root)), known_(fields) {}

  LineFault Parse(std::string_view line, LogEntry& entry) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return LineFault::kEmpty;
    scratch_.clear();
    scratch_.reserve(line.size());
    best_.fill(0xff);
    entry = {};
    JsonCursor json(line, scratch_);
    const LineFault fault = Object(json, root_, entry);
    if (fault != LineFault::kNone) return fault;
    const bool whole = (entry.seen & kTimeFields) && (entry.seen & kStatusFields);
    return whole && json.AtEnd() ? LineFault::kNone : LineFault::kBadFormat;
  }

  std::uint32_t Fields() const override { return known_; }

 private:
  LineFault Object(JsonCursor& json, const Node& node, LogEntry& entry) {
    if (!json.Take('{')) return LineFault::kBadFormat;
    while (!json.Take('}')) {
      if (const LineFault fault = Member(json, node, entry); fault != LineFault::kNone)
        return fault;
      if (json.Take(',')) continue;
      if (!json.Take('}')) return LineFault::kBadFormat;
      break;
    }
    return LineFault::kNone;
  }

  LineFault Member(JsonCursor& json, const Node& node, LogEntry& entry) {
    std::string_view key;
    if (!json.String(key) || !json.Take(':')) return LineFault::kBadFormat;
    const Node* child = node.Find(key);
    if (child == nullptr) return json.Skip() ? LineFault::kNone : LineFault::kBadFormat;
    return Value(json, *child, entry);
  }

  LineFault Value(JsonCursor& json, const Node& node, LogEntry& entry) {
    const char first = json.Peek();
    if (first == '{' && !node.children.empty()) return Object(json, node, entry);
    if (first == '[' && !node.bindings.empty()) return Array(json, node, entry);
    std::string_view text;
    if (first == '{' || first == '[') return json.Skip() ? LineFault::kNone : LineFault::kBadFormat;
    if (!json.Scalar(text)) return LineFault::kBadFormat;
    return first == 'n' ? LineFault::kNone : Bind(node, text, entry);  // null is as good as absent
  }

  // Of a header that came several times the last was put there by the proxy next to us.
  LineFault Array(JsonCursor& json, const Node& node, LogEntry& entry) {
    std::string_view text;
    bool found = false;
    json.Take('[');
    while (!json.Take(']')) {
      const char first = json.Peek();
      const bool scalar = first != '{' && first != '[';
      if (scalar ? !json.Scalar(text) : !json.Skip()) return LineFault::kBadFormat;
      found = found || scalar;
      if (!json.Take(',') && json.Peek() != ']') return LineFault::kBadFormat;
    }
    return found ? Bind(node, text, entry) : LineFault::kNone;
  }

  LineFault Bind(const Node& node, std::string_view text, LogEntry& entry) {
    for (const auto& [field, rank] : node.bindings) {
      auto& best = best_[static_cast<size_t>(field)];
      if (rank > best) continue;
      best = rank;
      const LineFault fault = fields_.Read(field, text, entry);
      if (fault != LineFault::kNone) return fault;
    }
    return LineFault::kNone;
  }

  const Node root_;
  const std::uint32_t known_;
  LogFieldReader fields_;
  std::string scratch_;
  std::array<std::uint8_t, 32> best_{};  // rank of what was read, by field
};

void AddPath(Node& root, std::string_view path, Binding binding) {
  root.Child(path).bindings.push_back(binding);
  if (path.find('.') == std::string_view::npos) return;
  Node* node = &root;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const size_t dot = path.find('.');
    node = &node->Child(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  node->bindings.push_back(binding);
}

}  // namespace

Result<std::unique_ptr<LineParser>> MakeJsonParser(const JsonKeys& keys, std::string_view claimed) {
  Node root;
  std::uint32_t fields = 0;
  std::array<std::uint8_t, 32> ranks{};
  for (const auto& [name, path] : keys) {
    const EntryField field = FieldNamed(name, claimed);
    if (field == EntryField::kIgnored) return InvalidArgument("no such field: " + name);
    if (std::count(path.begin(), path.end(), '.') >= kMaxDepth)
      return InvalidArgument("too deep: " + path);
    auto& rank = ranks[static_cast<size_t>(field)];
    AddPath(root, path, {field, rank < 0xfe ? ++rank : rank});
    fields |= Bit(field);
  }
  return std::unique_ptr<LineParser>(std::make_unique<JsonParser>(std::move(root), fields));
}

}  // namespace aiops
