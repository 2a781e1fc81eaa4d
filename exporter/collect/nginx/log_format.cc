#include "collect/nginx/log_format.h"

#include <utility>

namespace aiops {
namespace {

constexpr std::uint32_t kWords =
    Bit(EntryField::kRemoteAddr) | Bit(EntryField::kTimeIso8601) | Bit(EntryField::kMsec) |
    kStatusFields | kByteFields | Bit(EntryField::kRequestMethod) | Bit(EntryField::kHost) |
    Bit(EntryField::kServerName) | Bit(EntryField::kRequestLength) | Bit(EntryField::kRequestTime) |
    Bit(EntryField::kServerPort) | Bit(EntryField::kPeer);

constexpr std::string_view kWordNames[] = {
    "args",         "connection",     "connection_requests", "content_length",
    "gzip_ratio",   "hostname",       "http_host",           "pid",
    "pipe",         "query_string",   "remote_port",         "request_id",
    "scheme",       "server_addr",    "server_protocol",     "ssl_cipher",
    "ssl_protocol", "ssl_session_id", "ssl_session_reused"};
constexpr std::string_view kLongNames[] = {"request", "http_user_agent", "http_cookie",
                                           "request_body"};

template <size_t N>
bool IsIn(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

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

// How many blanks a value has that is not in quotes.
enum class Blanks { kNone, kRare, kUsual };

Blanks BlanksOf(const Segment& segment, std::string_view name) {
  if (IsIn(kLongNames, name)) return Blanks::kUsual;
  const bool word = (Bit(segment.field) & kWords) != 0 || IsIn(kWordNames, name);
  // Those of a list and of a time stamp are known.
  const bool known = segment.list || segment.field == EntryField::kTimeLocal;
  return word || known ? Blanks::kNone : Blanks::kRare;
}

bool HasQuote(const Literal& literal) { return literal.text().find('"') != std::string::npos; }
// What every request and every user agent has, too.
bool IsCommon(const Literal& literal) {
  return literal.text().find_first_not_of(" ,;:/") == std::string::npos;
}
bool IsBlank(const Literal& literal) {
  return literal.text().find_first_not_of(' ') == std::string::npos;
}

Ending WordEnding(const Segment& segment) {
  if (segment.literal.front() != ':') return Ending::kWord;
  switch (segment.field) {
    case EntryField::kHost:
    case EntryField::kServerName:
      return Ending::kHost;
    case EntryField::kRemoteAddr:
    case EntryField::kPeer:
      return Ending::kAddress;
    default:
      return Ending::kWord;
  }
}

Ending EndingOf(const Segment& segment, bool behind_quote, const Segment* next) {
  const std::string& literal = segment.literal.text();
  const bool word = (Bit(segment.field) & kWords) != 0;
  if (literal.empty()) return word ? Ending::kLastWord : Ending::kLine;
  if (segment.field == EntryField::kTimeLocal) return Ending::kTime;
  // A user name may hold " [" and even a whole time stamp.
  if (next != nullptr && next->field == EntryField::kTimeLocal) return Ending::kBeforeTime;
  if (behind_quote && literal[0] == '"') return Ending::kQuoted;
  if (segment.list) return Ending::kList;
  return word ? WordEnding(segment) : Ending::kAny;
}

class Compiler {
 public:
  explicit Compiler(std::string_view claimed) : claimed_(claimed) {}

  Result<LogFormat> Compile(std::string_view format) && {
    AIOPS_TRY_VOID(Cut(format));
    for (size_t i = 0; i < names_.size(); ++i) {
      const Segment* next = i + 1 < names_.size() ? &segments()[i + 1] : nullptr;
      const std::string& before = i > 0 ? segments()[i - 1].literal.text() : out_.prefix;
      segments()[i].ending = EndingOf(segments()[i], before.ends_with('"'), next);
    }
    for (size_t i = 0; i < names_.size(); ++i) AIOPS_TRY_VOID(Spare(i));
    return std::move(out_);
  }

 private:
  std::vector<Segment>& segments() { return out_.segments; }

  // Into variables and literals.
  Result<void> Cut(std::string_view format) {
    if (format.find('\n') != std::string_view::npos) {
      return InvalidArgument(
          "has a line break, and no line has one: join the parts, without Nginx's quotes around "
          "them");
    }
    std::vector<std::string> literals(1);  // the first is the prefix
    for (size_t at = 0; at < format.size();) {
      if (format[at] != '$') {
        literals.back().push_back(format[at++]);
        continue;
      }
      if (!names_.empty() && literals.back().empty()) {
        return InvalidArgument("two variables need text between them");
      }
      names_.push_back(TakeName(format, at));
      if (names_.back().empty()) return InvalidArgument("a '$' without the name of a variable");
      literals.emplace_back();
    }
    for (size_t i = 0; i < names_.size(); ++i) {
      Segment segment{FieldNamed(names_[i], claimed_), Ending::kAny, Literal(literals[i + 1])};
      const bool addresses = names_[i].ends_with("x_forwarded_for") && IsBlank(segment.literal);
      // A comma behind a list looks like one within it.
      const bool servers = names_[i].starts_with("upstream_") && !literals[i + 1].starts_with(',');
      segment.list = servers || addresses;
      segments().push_back(std::move(segment));
    }
    out_.prefix = std::move(literals[0]);
    return {};
  }

  Blanks BlanksAt(size_t i) { return BlanksOf(segments()[i], names_[i]); }

  // The first literal from that of `i` on, but before that of `end`, that is not in a value.
  template <class Is>
  size_t FirstLiteral(size_t i, size_t end, Is is) {
    while (i < end && !is(segments()[i].literal)) ++i;
    return i;
  }

  // A value with blanks that is not in quotes takes all that the variables behind it can spare: up
  // to the next quote, which is escaped in a value, else to the end of the line.
  Result<void> Spare(size_t i) {
    const Segment& segment = segments()[i];
    const Blanks blanks = BlanksAt(i);
    const bool before_time = segment.ending == Ending::kBeforeTime;
    const bool open = before_time || segment.ending == Ending::kAny;
    if (blanks == Blanks::kNone || !open || HasQuote(segment.literal)) return {};
    if (blanks == Blanks::kRare && (before_time || !IsCommon(segment.literal))) return {};
    const size_t quote = FirstLiteral(i, names_.size(), HasQuote);
    const size_t last = std::min(quote, names_.size() - 1);
    size_t rival = i + 1;
    while (rival <= last && BlanksAt(rival) < blanks) ++rival;
    if (rival > last) {
      SpareUpTo(i, last, quote == last);
      return {};
    }
    return before_time || blanks == Blanks::kRare ? Result<void>() : SpareBefore(i, rival);
  }

  // Between two such values a literal must stand that is in neither.
  Result<void> SpareBefore(size_t i, size_t rival) {
    const size_t text = FirstLiteral(i, rival, [](const Literal& l) { return !IsCommon(l); });
    if (text == rival) return Ambiguous(i, rival);
    if (text > i) SpareUpTo(i, text, true);
    return {};
  }

  void SpareUpTo(size_t i, size_t last, bool to_literal) {
    segments()[i].ending = Ending::kSpare;
    segments()[i].behind = last - i;
    segments()[i].to_literal = to_literal;
  }

  Error Ambiguous(size_t i, size_t rival) const {
    const std::string name = "$" + std::string(names_[i]);
    return InvalidArgument("nothing tells where " + name + " ends and $" +
                           std::string(names_[rival]) +
                           " begins, for both have blanks: put quotes around them, \"" + name +
                           "\", here and in the log_format of Nginx");
  }

  const std::string_view claimed_;
  LogFormat out_;
  std::vector<std::string_view> names_;
};

}  // namespace

Result<LogFormat> CompileLogFormat(std::string_view format, std::string_view claimed) {
  return Compiler(claimed).Compile(format);
}

}  // namespace aiops
