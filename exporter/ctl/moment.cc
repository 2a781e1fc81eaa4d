#include "ctl/moment.h"

#include <charconv>
#include <cstdint>

#include "ctl/terminal.h"

namespace aiops {
namespace {

constexpr std::int64_t kMostSeconds = 253'402'300'799;  // the last of the year 9999

}  // namespace

Result<Time> ParseMoment(std::string_view text, Time now, std::string_view flag) {
  if (text == "now") return now;
  if (const auto ago = ParseDuration(text)) return now - *ago;
  if (const auto time = ParseTime(text)) return *time;
  std::int64_t unix_seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unix_seconds);
  if (error == std::errc() && end == text.data() + text.size() && unix_seconds >= 0 &&
      unix_seconds <= kMostSeconds)
    return Time(seconds(unix_seconds));
  return InvalidArgument(std::string(flag) + ": found '" + TerminalText(text, 64) +
                         "', want a time like 2026-11-23T03:12:00Z, or how long ago, like 2h");
}

}  // namespace aiops
