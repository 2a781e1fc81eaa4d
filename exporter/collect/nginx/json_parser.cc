#include <charconv>
#include <cstring>
#include <map>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"

namespace aiops {
namespace {

// A cursor over one flat JSON object. Written by hand because access logs hold raw bytes that are
// not UTF-8, for which a JSON library must refuse the whole line.
class JsonCursor {
 public:
  JsonCursor(std::string_view text, std::string& scratch) : text_(text), scratch_(scratch) {}

  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool AtEnd() {
    SkipSpace();
    return at_ == text_.size();
  }

  // A string's content, escapes resolved in `scratch` (which must have room for the whole line).
  bool String(std::string_view& out) {
    if (!Take('"')) return false;
    const size_t begin = at_;
    bool escaped = false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') continue;
      escaped = true;
      ++at_;
    }
    if (at_ >= text_.size()) return false;
    out = text_.substr(begin, at_++ - begin);
    if (escaped) out = Unescape(out);
    return true;
  }

  // A string, number or literal; nested values are skipped and give "".
  bool Value(std::string_view& out) {
    SkipSpace();
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '"') return String(out);
    if (text_[at_] == '{' || text_[at_] == '[') {
      out = {};
      return SkipNested();
    }
    const size_t begin = at_;
    at_ = std::min(text_.find_first_of(",} \t", at_), text_.size());
    out = text_.substr(begin, at_ - begin);
    return !out.empty();
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool SkipNested() {
    size_t depth = 0;
    std::string_view ignored;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!String(ignored)) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

  // Never longer than what it replaces, so that earlier views into the scratch stay valid.
  std::string_view Unescape(std::string_view raw) {
    const size_t begin = scratch_.size();
    for (size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '\\' || i + 1 == raw.size()) {
        scratch_.push_back(raw[i]);
        continue;
      }
      const char c = raw[++i];
      unsigned code = 0;
      if (c == 'u' && i + 4 < raw.size() &&
          std::from_chars(raw.data() + i + 1, raw.data() + i + 5, code, 16).ptr ==
              raw.data() + i + 5) {
        i += 4;
        scratch_.push_back(code < 128 ? static_cast<char>(code) : '?');
      } else {
        constexpr std::string_view kFrom = "nrtbf";
        constexpr std::string_view kTo = "\n\r\t\b\f";
        const size_t known = kFrom.find(c);
        scratch_.push_back(known == std::string_view::npos ? c : kTo[known]);
      }
    }
    return std::string_view(scratch_).substr(begin);
  }

  std::string_view text_;
  std::string& scratch_;
  size_t at_ = 0;
};

class JsonParser final : public LineParser {
 public:
  explicit JsonParser(std::map<std::string, EntryField, std::less<>> keys)
      : keys_(std::move(keys)) {}

  LineFault Parse(std::string_view line, LogEntry& entry) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return LineFault::kEmpty;
    scratch_.clear();
    scratch_.reserve(line.size());
    entry = {};
    JsonCursor json(line, scratch_);
    if (!json.Take('{')) return LineFault::kBadFormat;
    while (!json.Take('}')) {
      if (const LineFault fault = Member(json, entry); fault != LineFault::kNone) return fault;
      if (json.Take(',')) continue;
      if (!json.Take('}')) return LineFault::kBadFormat;
      break;
    }
    const bool whole = (entry.seen & kTimeFields) && (entry.seen & Bit(EntryField::kStatus));
    return whole && json.AtEnd() ? LineFault::kNone : LineFault::kBadFormat;
  }

 private:
  LineFault Member(JsonCursor& json, LogEntry& entry) {
    std::string_view key;
    std::string_view value;
    if (!json.String(key) || !json.Take(':') || !json.Value(value)) return LineFault::kBadFormat;
    const auto found = keys_.find(key);
    return found == keys_.end() ? LineFault::kNone : fields_.Read(found->second, value, entry);
  }

  const std::map<std::string, EntryField, std::less<>> keys_;
  LogFieldReader fields_;
  std::string scratch_;
};

}  // namespace

Result<std::unique_ptr<LineParser>> MakeJsonParser(
    const std::vector<std::pair<std::string, std::string>>& keys) {
  std::map<std::string, EntryField, std::less<>> by_key;
  for (const char* name :
       {"remote_addr", "time_local", "time_iso8601", "msec", "time", "request", "request_method",
        "request_uri", "status", "body_bytes_sent", "bytes_sent", "host", "server_name"}) {
    by_key.emplace(name, FieldNamed(name));
  }
  for (const auto& [name, key] : keys) {
    const EntryField field = FieldNamed(name);
    if (field == EntryField::kIgnored) return InvalidArgument("no such field: " + name);
    std::erase_if(by_key, [&](const auto& known) { return known.second == field; });
  }
  for (const auto& [name, key] : keys) by_key.insert_or_assign(key, FieldNamed(name));
  return std::unique_ptr<LineParser>(std::make_unique<JsonParser>(std::move(by_key)));
}

}  // namespace aiops
