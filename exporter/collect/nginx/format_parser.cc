#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"

namespace aiops {
namespace {

// How the end of a variable is found.
enum class Ending {
  kAny,         // where the literal behind it is
  kWord,        // at the first byte of the literal, or the line has another form
  kQuoted,      // where the literal is, if its quote is not escaped
  kList,        // where the literal is, but not behind the comma or colon of a list
  kBeforeTime,  // where the literal and then something of a time stamp's size are
  kTime,        // after a time stamp's size
  kLine,        // at the end of the line
  kLastWord,    // there, and has no blank
};

// Most fields and literals of a line are shorter than what calls of memchr and memcmp cost.
inline std::uint64_t Load(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Text between two variables, made for being compared often.
class Literal {
 public:
  explicit Literal(std::string text = "") : text_(std::move(text)) {
    std::array<char, 8> bytes{};
    std::array<char, 8> mask{};
    std::copy_n(text_.begin(), std::min(text_.size(), bytes.size()), bytes.begin());
    std::fill_n(mask.begin(), std::min(text_.size(), mask.size()), '\xff');
    word_ = Load(bytes.data());
    mask_ = Load(mask.data());
  }

  bool StandsAt(const char* p, const char* end) const {
    if (end - p < 8 || text_.size() > 8) return std::string_view(p, end).starts_with(text_);
    return (Load(p) & mask_) == word_;
  }
  const std::string& text() const { return text_; }
  size_t size() const { return text_.size(); }
  char front() const { return text_[0]; }

 private:
  std::string text_;
  std::uint64_t word_ = 0;
  std::uint64_t mask_ = 0;
};

// A variable and the literal behind it.
struct Segment {
  EntryField field = EntryField::kIgnored;
  Ending ending = Ending::kAny;
  Literal literal;
};

struct Form {
  std::string prefix;
  std::vector<Segment> segments;
};

constexpr std::uint32_t kWords =
    Bit(EntryField::kRemoteAddr) | Bit(EntryField::kTimeIso8601) | Bit(EntryField::kMsec) |
    kStatusFields | kByteFields | Bit(EntryField::kRequestMethod) | Bit(EntryField::kHost) |
    Bit(EntryField::kServerName) | Bit(EntryField::kRequestLength) | Bit(EntryField::kRequestTime) |
    Bit(EntryField::kServerPort) | Bit(EntryField::kPeer);

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

Ending EndingOf(const Segment& segment, std::string_view name, bool behind_quote,
                const Segment* next) {
  const std::string& literal = segment.literal.text();
  const bool word = (Bit(segment.field) & kWords) != 0;
  if (literal.empty()) return word ? Ending::kLastWord : Ending::kLine;
  if (segment.field == EntryField::kTimeLocal) return Ending::kTime;
  // A user name may hold " [" and even a whole time stamp.
  if (next != nullptr && next->field == EntryField::kTimeLocal) return Ending::kBeforeTime;
  if (behind_quote && literal[0] == '"') return Ending::kQuoted;
  if (name.starts_with("upstream_")) return Ending::kList;
  return word ? Ending::kWord : Ending::kAny;
}

Result<Form> Compile(std::string_view format, std::string_view claimed) {
  Form out;
  std::vector<std::string_view> names;
  std::vector<std::string> literals(1);  // the first is the prefix
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '$') {
      literals.back().push_back(format[at++]);
      continue;
    }
    if (!names.empty() && literals.back().empty()) {
      return InvalidArgument("two variables need text between them");
    }
    names.push_back(TakeName(format, at));
    if (names.back().empty()) return InvalidArgument("a '$' without the name of a variable");
    literals.emplace_back();
  }
  for (size_t i = 0; i < names.size(); ++i) {
    out.segments.push_back({FieldNamed(names[i], claimed), Ending::kAny, Literal(literals[i + 1])});
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const Segment* next = i + 1 < names.size() ? &out.segments[i + 1] : nullptr;
    out.segments[i].ending = EndingOf(out.segments[i], names[i], literals[i].ends_with('"'), next);
  }
  out.prefix = std::move(literals[0]);
  return out;
}

// Where `c` is in [p, end), or null; Find where it is probably near.
inline const char* FindFar(const char* p, const char* end, char c) {
  return static_cast<const char*>(std::memchr(p, c, static_cast<size_t>(end - p)));
}

inline const char* Find(const char* p, const char* end, char c) {
  const std::uint64_t pattern = 0x0101010101010101ull * static_cast<unsigned char>(c);
  for (int i = 0; i < 2 && end - p >= 8; ++i, p += 8) {
    const std::uint64_t word = Load(p) ^ pattern;
    // The lowest set bit is that of the first zero byte, on a little-endian machine.
    const std::uint64_t zeros = (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;
    if (std::endian::native != std::endian::little) break;
    if (zeros != 0) return p + std::countr_zero(zeros) / 8;
  }
  return FindFar(p, end, c);
}

bool EscapedAt(const char* from, const char* at) {
  size_t backslashes = 0;
  while (at > from && *--at == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

// "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80": whether the blank at `at` separates two of its items.
bool WithinList(const char* from, const char* at, const char* end) {
  if (at > from && (at[-1] == ',' || at[-1] == ':')) return true;
  return end - at > 2 && at[0] == ' ' && at[1] == ':' && at[2] == ' ';
}

class FormatParser final : public LineParser {
 public:
  explicit FormatParser(std::vector<Form> forms) : forms_(std::move(forms)) {}

  LineFault Parse(std::string_view line, LogEntry& entry) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == ' ' || line.front() == '\t') {
      if (line.find_first_not_of(" \t") == std::string_view::npos) return LineFault::kEmpty;
    }
    // Of a line that fits no form, the form that came furthest tells what is wrong with a field.
    LineFault fault = LineFault::kBadFormat;
    size_t furthest = 0;
    for (const auto& form : forms_) {
      size_t reached = 0;
      const LineFault found = ParseForm(form, line, entry, reached);
      if (found == LineFault::kNone) return found;
      if (found == LineFault::kBadFormat || reached < furthest) continue;
      fault = found;
      furthest = reached;
    }
    return fault;
  }

  std::uint32_t Fields() const override {
    std::uint32_t fields = 0;
    for (const auto& form : forms_) {
      for (const auto& segment : form.segments) fields |= Bit(segment.field);
    }
    return fields;
  }

 private:
  LineFault ParseForm(const Form& form, std::string_view line, LogEntry& entry, size_t& reached) {
    if (!line.starts_with(form.prefix)) return LineFault::kBadFormat;
    static const LogEntry kBlank;
    std::memcpy(&entry, &kBlank, sizeof entry);  // GCC makes a slow loop of an assignment
    const char* const line_end = line.data() + line.size();
    const char* at = line.data() + form.prefix.size();
    for (const Segment& segment : form.segments) {
      const Segment* next = &segment + 1;
      const char* end = FindEnd(segment, next, at, line_end);
      if (end == nullptr) return LineFault::kBadFormat;
      if (segment.field != EntryField::kIgnored) {
        const LineFault fault =
            fields_.Read(segment.field, {at, static_cast<size_t>(end - at)}, entry);
        if (fault != LineFault::kNone) return fault;
      }
      at = end + segment.literal.size();
      ++reached;
    }
    return at == line_end || *at == ' ' ? LineFault::kNone : LineFault::kBadFormat;
  }

  // Where the variable of `segment`, which begins at `at`, ends; null if it does not.
  static const char* FindEnd(const Segment& segment, const Segment* next, const char* at,
                             const char* end) {
    const Literal& literal = segment.literal;
    switch (segment.ending) {
      case Ending::kLine:
        return end;
      case Ending::kLastWord:
        return Find(at, end, ' ') == nullptr ? end : nullptr;
      case Ending::kTime: {
        const auto size = static_cast<std::ptrdiff_t>(LogTimeParser::kLocalSize);
        if (end - at >= size && literal.StandsAt(at + size, end)) return at + size;
        break;
      }
      case Ending::kWord: {
        const char* found = Find(at, end, literal.front());
        return found != nullptr && literal.StandsAt(found, end) ? found : nullptr;
      }
      default:
        break;
    }
    const bool is_long = segment.ending == Ending::kQuoted;
    for (const char* from = at; from < end; ++from) {
      from = is_long ? FindFar(from, end, literal.front()) : Find(from, end, literal.front());
      if (from == nullptr) return nullptr;
      if (literal.StandsAt(from, end) && Ends(segment, next, at, from, end)) return from;
    }
    return nullptr;
  }

  // Whether the literal at `found` is the one that ends the variable.
  static bool Ends(const Segment& segment, const Segment* next, const char* at, const char* found,
                   const char* end) {
    switch (segment.ending) {
      case Ending::kQuoted:
        return found == at || found[-1] != '\\' || !EscapedAt(at, found);
      case Ending::kList:
        return !WithinList(at, found, end);
      case Ending::kBeforeTime: {
        const char* stamp = found + segment.literal.size();
        const auto size = static_cast<std::ptrdiff_t>(LogTimeParser::kLocalSize);
        return end - stamp >= size && next->literal.StandsAt(stamp + size, end);
      }
      default:
        return true;
    }
  }

  const std::vector<Form> forms_;
  LogFieldReader fields_;
};

}  // namespace

Result<std::unique_ptr<LineParser>> MakeFormatParser(const std::vector<std::string_view>& forms,
                                                     std::string_view claimed) {
  std::vector<Form> compiled;
  for (const auto text : forms) {
    AIOPS_TRY(auto form, Compile(text, claimed));
    std::uint32_t fields = 0;
    for (const auto& segment : form.segments) fields |= Bit(segment.field);
    if (!(fields & kStatusFields)) return InvalidArgument("lacks $status");
    if (!(fields & kTimeFields)) {
      return InvalidArgument("lacks a time: $time_local, $time_iso8601 or $msec");
    }
    compiled.push_back(std::move(form));
  }
  return std::unique_ptr<LineParser>(std::make_unique<FormatParser>(std::move(compiled)));
}

}  // namespace aiops
