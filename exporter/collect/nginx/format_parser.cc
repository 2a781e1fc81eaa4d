#include <bit>
#include <cstring>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"
#include "collect/nginx/log_format.h"

namespace aiops {
namespace {

// Where `c` is in [p, end), or null; Find where it is probably near.
inline const char* FindFar(const char* p, const char* end, char c) {
  return static_cast<const char*>(std::memchr(p, c, static_cast<size_t>(end - p)));
}

inline const char* Find(const char* p, const char* end, char c) {
  const std::uint64_t pattern = 0x0101010101010101ull * static_cast<unsigned char>(c);
  for (int i = 0; i < 2 && end - p >= 8; ++i, p += 8) {
    const std::uint64_t word = LoadWord(p) ^ pattern;
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

inline const char* FindWord(const Literal& literal, const char* at, const char* end) {
  const char* found = Find(at, end, literal.front());
  return found != nullptr && literal.StandsAt(found, end) ? found : nullptr;
}

// What few lines need is kept out of the loop that all go through: inlined, it costs 6 % of them.

// In "[::1]:443" what ends the host is behind the bracket.
[[gnu::noinline]] const char* FindHostEnd(const Literal& literal, const char* at, const char* end) {
  if (at < end && *at == '[') at = Find(at, end, ']');
  return at == nullptr ? nullptr : FindWord(literal, at, end);
}

// In "2001:db8::1:4711" the last colon is before the port.
[[gnu::noinline]] const char* FindAddressEnd(const Literal& literal, const char* at,
                                             const char* end) {
  constexpr std::string_view kAddressBytes = "0123456789abcdefABCDEF.:";
  const char* stop = at;
  while (stop < end && kAddressBytes.find(*stop) != std::string_view::npos) ++stop;
  for (; stop > at; --stop) {
    if (literal.StandsAt(stop - 1, end)) return stop - 1;
  }
  return FindWord(literal, at, end);
}

// Where the literal before the variable is that ends with `text`; npos if there is none.
[[gnu::noinline]] size_t FindBefore(const Segment& segment, const Literal& before,
                                    std::string_view text) {
  if (segment.field == EntryField::kTimeLocal) {
    if (text.size() < LogTimeParser::kLocalSize) return std::string_view::npos;
    text.remove_suffix(LogTimeParser::kLocalSize);
    return text.ends_with(before.text()) ? text.size() - before.size() : std::string_view::npos;
  }
  const char* const end = text.data() + text.size();
  size_t at = text.rfind(before.text());
  while (segment.list && at != std::string_view::npos &&
         WithinList(text.data(), text.data() + at, end)) {
    at = at == 0 ? std::string_view::npos : text.rfind(before.text(), at - 1);
  }
  return at;
}

// Cuts the variables behind `segment` off from the end.
[[gnu::noinline]] const char* FindSpareEnd(const Segment& segment, const char* at,
                                           const char* line_end) {
  const std::string_view text(at, static_cast<size_t>(line_end - at));
  const Segment* last = &segment + segment.behind;
  size_t end =
      segment.to_literal ? text.find(last->literal.text()) : text.rfind(last->literal.text());
  for (; last != &segment && end != std::string_view::npos; --last) {
    end = FindBefore(*last, last[-1].literal, text.substr(0, end));
  }
  return end == std::string_view::npos ? nullptr : at + end;
}

class FormatParser final : public LineParser {
 public:
  explicit FormatParser(std::vector<LogFormat> forms) : forms_(std::move(forms)) {}

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
  LineFault ParseForm(const LogFormat& form, std::string_view line, LogEntry& entry,
                      size_t& reached) {
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
      case Ending::kWord:
        return FindWord(literal, at, end);
      case Ending::kHost:
        return FindHostEnd(literal, at, end);
      case Ending::kAddress:
        return FindAddressEnd(literal, at, end);
      case Ending::kSpare:
        return FindSpareEnd(segment, at, end);
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

  const std::vector<LogFormat> forms_;
  LogFieldReader fields_;
};

}  // namespace

Result<std::unique_ptr<LineParser>> MakeFormatParser(const std::vector<std::string_view>& forms,
                                                     std::string_view claimed) {
  std::vector<LogFormat> compiled;
  for (const auto text : forms) {
    AIOPS_TRY(auto form, CompileLogFormat(text, claimed));
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
