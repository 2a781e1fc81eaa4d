// Time: wall-clock instants in UTC with millisecond resolution, and their text forms.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aiops {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double Seconds(Duration d) { return static_cast<double>(d.count()) / 1e3; }
constexpr double UnixSeconds(Time t) { return Seconds(t.time_since_epoch()); }
constexpr std::int64_t UnixMillis(Time t) { return t.time_since_epoch().count(); }
constexpr Time FromUnixMillis(std::int64_t ms) { return Time(Duration(ms)); }

// The last multiple of `step` (counted from the epoch) at or before t. step > 0.
constexpr Time FloorTo(Time t, Duration step) {
  const auto ms = t.time_since_epoch().count();
  const auto s = step.count();
  return FromUnixMillis(ms - ((ms % s) + s) % s);
}

// RFC 3339 in UTC: "2026-11-23T03:02:00Z", with ".123" only when there are milliseconds.
std::string FormatTime(Time t);
// RFC 3339 with "Z" or an offset; fractions of a second are kept to the millisecond.
Result<Time> ParseTime(std::string_view text);

// Prometheus durations: "1h30m", "15s", "500ms", "7d", "2w". A bare number is refused.
Result<Duration> ParseDuration(std::string_view text);
// The shortest such form: 90 s -> "1m30s".
std::string FormatDuration(Duration d);

}  // namespace aiops
