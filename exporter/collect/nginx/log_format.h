// LogFormat: the text of a log_format, compiled: its variables, and how the end of each is found.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_fields.h"

namespace aiops {

// How the end of a variable is found.
enum class Ending {
  kAny,         // where the literal behind it is
  kWord,        // at the first byte of the literal, or the line has another form
  kHost,        // there, but "[::1]:443" not in its brackets
  kAddress,     // where the last literal is that is behind what an address is made of
  kQuoted,      // where the literal is, if its quote is not escaped
  kList,        // where the literal is, but not behind the comma or colon of a list
  kBeforeTime,  // where the literal and then something of a time stamp's size are
  kSpare,       // where it leaves the variables behind it, read from their end, what they need
  kTime,        // after a time stamp's size
  kLine,        // at the end of the line
  kLastWord,    // there, and has no blank
};

// Most fields and literals of a line are shorter than what calls of memchr and memcmp cost.
inline std::uint64_t LoadWord(const char* p) {
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
    word_ = LoadWord(bytes.data());
    mask_ = LoadWord(mask.data());
  }

  bool StandsAt(const char* p, const char* end) const {
    if (end - p < 8 || text_.size() > 8) return std::string_view(p, end).starts_with(text_);
    return (LoadWord(p) & mask_) == word_;
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
  bool list = false;  // its value may be "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80"
  // Of kSpare: how many variables are read from their end, and whether that is where the literal
  // behind them is first found, not the end of the line.
  size_t behind = 0;
  bool to_literal = false;
};

struct LogFormat {
  std::string prefix;
  std::vector<Segment> segments;
};

// InvalidArgument if a line could not be cut into the variables; see MakeFormatParser.
Result<LogFormat> CompileLogFormat(std::string_view format, std::string_view claimed);

}  // namespace aiops
