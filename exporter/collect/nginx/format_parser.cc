#include <cstring>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"

namespace aiops {
namespace {

constexpr std::pair<std::string_view, std::string_view> kNamedFormats[] = {
    {"combined", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
                 R"("$http_referer" "$http_user_agent")"},
};

// A variable and the literal behind it.
struct Segment {
  EntryField field = EntryField::kIgnored;
  std::string literal;
  bool quoted = false;  // stands in quotes: an escaped quote does not end it
};

struct Compiled {
  std::string prefix;
  std::vector<Segment> segments;
};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name of the variable whose "$" is at `at`; moves `at` behind it. Empty if there is none.
std::string_view TakeName(std::string_view format, size_t& at) {
  const bool braces = at + 1 < format.size() && format[at + 1] == '{';
  const size_t begin = at + (braces ? 2 : 1);
  size_t end = begin;
  while (end < format.size() && IsNameByte(format[end])) ++end;
  if (braces && (end >= format.size() || format[end] != '}')) return {};
  at = end + (braces ? 1 : 0);
  return format.substr(begin, end - begin);
}

Result<Compiled> Compile(std::string_view format) {
  Compiled out;
  for (size_t at = 0; at < format.size();) {
    std::string& literal = out.segments.empty() ? out.prefix : out.segments.back().literal;
    if (format[at] != '$') {
      literal.push_back(format[at++]);
      continue;
    }
    const bool quoted = literal.ends_with('"');
    if (!out.segments.empty() && literal.empty()) {
      return InvalidArgument("two variables need text between them");
    }
    const std::string_view name = TakeName(format, at);
    if (name.empty()) return InvalidArgument("a '$' without the name of a variable");
    out.segments.push_back({FieldNamed(name), "", quoted});
  }
  for (auto& segment : out.segments) segment.quoted &= segment.literal.starts_with('"');
  return out;
}

bool EscapedAt(std::string_view line, size_t from, size_t at) {
  size_t backslashes = 0;
  while (at > from && line[--at] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

class FormatParser final : public LineParser {
 public:
  explicit FormatParser(Compiled format) : format_(std::move(format)) {}

  LineFault Parse(std::string_view line, LogEntry& entry) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return LineFault::kEmpty;
    if (!line.starts_with(format_.prefix)) return LineFault::kBadFormat;
    entry = {};
    size_t at = format_.prefix.size();
    for (size_t i = 0; i < format_.segments.size(); ++i) {
      const size_t end = FindEnd(line, at, i);
      if (end == std::string_view::npos) return LineFault::kBadFormat;
      const Segment& segment = format_.segments[i];
      if (segment.field != EntryField::kIgnored) {
        const LineFault fault = fields_.Read(segment.field, line.substr(at, end - at), entry);
        if (fault != LineFault::kNone) return fault;
      }
      at = end + segment.literal.size();
    }
    return at == line.size() || line[at] == ' ' ? LineFault::kNone : LineFault::kBadFormat;
  }

 private:
  // Where the i-th variable, which begins at `at`, ends.
  size_t FindEnd(std::string_view line, size_t at, size_t i) const {
    const Segment& segment = format_.segments[i];
    const std::string& literal = segment.literal;
    if (literal.empty()) return line.size();
    for (size_t from = at; from < line.size();) {
      const void* hit = std::memchr(line.data() + from, literal[0], line.size() - from);
      if (hit == nullptr) break;
      const auto found = static_cast<size_t>(static_cast<const char*>(hit) - line.data());
      if (line.compare(found, literal.size(), literal) == 0 &&
          !(segment.quoted && EscapedAt(line, at, found)) &&
          TimeFits(line, found + literal.size(), i + 1)) {
        return found;
      }
      from = found + 1;
    }
    return std::string_view::npos;
  }

  // A user name may hold " [" and even a whole time stamp: a variable in front of $time_local ends
  // only where something of the stamp's size, and then its literal, follow.
  bool TimeFits(std::string_view line, size_t at, size_t i) const {
    if (i >= format_.segments.size()) return true;
    const Segment& next = format_.segments[i];
    if (next.field != EntryField::kTimeLocal) return true;
    const size_t end = at + LogTimeParser::kLocalSize;
    return end <= line.size() && line.compare(end, next.literal.size(), next.literal) == 0;
  }

  const Compiled format_;
  LogFieldReader fields_;
};

}  // namespace

Result<std::unique_ptr<LineParser>> MakeFormatParser(std::string_view format) {
  AIOPS_TRY(auto compiled, Compile(format));
  std::uint32_t fields = 0;
  for (const auto& segment : compiled.segments) fields |= Bit(segment.field);
  if (!(fields & Bit(EntryField::kStatus))) return InvalidArgument("lacks $status");
  if (!(fields & kTimeFields)) {
    return InvalidArgument("lacks a time: $time_local, $time_iso8601 or $msec");
  }
  return std::unique_ptr<LineParser>(std::make_unique<FormatParser>(std::move(compiled)));
}

Result<std::unique_ptr<LineParser>> MakeLineParser(
    std::string_view format, const std::vector<std::pair<std::string, std::string>>& json_keys) {
  if (format == "json") return MakeJsonParser(json_keys);
  for (const auto& [name, text] : kNamedFormats) {
    if (name == format) return MakeFormatParser(text);
  }
  if (format.find('$') == std::string_view::npos) {
    return InvalidArgument("want combined, json or a log_format string with $variables");
  }
  return MakeFormatParser(format);
}

}  // namespace aiops
