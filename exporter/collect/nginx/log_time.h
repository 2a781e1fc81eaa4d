// The time stamps of access logs: of the years 1970 to 9999 in UTC. Others are no times.
#pragma once

#include <array>
#include <string_view>

#include "base/time.h"

namespace aiops {

// $msec: "1700000000.123"; digits beyond the millisecond are dropped. False leaves `out` as it was.
bool ParseMsec(std::string_view text, Time& out);

// Remembers the last stamp, because neighbours in a log mostly share it. Not thread-safe.
class LogTimeParser {
 public:
  // $time_local: "23/Nov/2026:03:02:00 +0545", always with an offset: no time zone data is needed,
  // and the hours that a change of clocks repeats are told apart.
  bool ParseLocal(std::string_view text, Time& out);
  // $time_iso8601: "2026-11-23T03:02:00+05:45", also "+0545", "Z" and fractions.
  bool ParseIso8601(std::string_view text, Time& out);
  // Whichever of the three it looks like, or a count of milli-, micro- or nanoseconds since 1970.
  bool ParseAny(std::string_view text, Time& out);

  static constexpr size_t kLocalSize = 26;

 private:
  std::array<char, kLocalSize> last_{};
  Time last_time_;
};

}  // namespace aiops
