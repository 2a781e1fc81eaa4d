#include "collect/nginx/log_time.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace aiops {
namespace {

// Two digits at p, or a large number.
int Two(const char* p) {
  const auto tens = static_cast<unsigned>(p[0] - '0');
  const auto ones = static_cast<unsigned>(p[1] - '0');
  return tens > 9 || ones > 9 ? 1000 : static_cast<int>(tens * 10 + ones);
}

// 1..12, or 0.
unsigned Month(std::string_view name) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (unsigned m = 0; m < 12; ++m) {
    if (kMonths.substr(m * 3, 3) == name) return m + 1;
  }
  return 0;
}

// Minutes east of UTC from "+0545", or a large number.
int OffsetMinutes(const char* p) {
  const int h = Two(p + 1);
  const int m = Two(p + 3);
  if ((p[0] != '+' && p[0] != '-') || h > 23 || m > 59) return 100000;
  return p[0] == '-' ? -(h * 60 + m) : h * 60 + m;
}

}  // namespace

bool ParseMsec(std::string_view text, Time& out) {
  std::int64_t whole = 0;
  const char* last = text.data() + text.size();
  auto [p, error] = std::from_chars(text.data(), last, whole);
  // 253402300799 is the end of the year 9999.
  if (error != std::errc() || whole < 0 || whole > 253402300799) return false;
  std::int64_t ms = whole * 1000;
  if (p != last) {
    if (*p++ != '.' || p == last) return false;
    for (int unit = 100; p != last; ++p, unit /= 10) {
      if (*p < '0' || *p > '9') return false;
      ms += unit * (*p - '0');
    }
  }
  out = FromUnixMillis(ms);
  return true;
}

bool LogTimeParser::ParseLocal(std::string_view text, Time& out) {
  if (text.size() != kLocalSize) return false;
  if (std::equal(text.begin(), text.end(), last_.begin())) {
    out = last_time_;
    return true;
  }
  const char* p = text.data();
  if (p[2] != '/' || p[6] != '/' || p[11] != ':' || p[14] != ':' || p[17] != ':' || p[20] != ' ') {
    return false;
  }
  const int year = Two(p + 7) * 100 + Two(p + 9);
  const int day = Two(p);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(Month(text.substr(3, 3))),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const int h = Two(p + 12);
  const int m = Two(p + 15);
  const int s = Two(p + 18);
  const int offset = OffsetMinutes(p + 21);
  // 60: a leap second.
  if (year > 9999 || !date.ok() || h > 23 || m > 59 || s > 60 || offset > 1440) return false;
  out = Time(std::chrono::sys_days(date)) + hours(h) + minutes(m - offset) + seconds(s);
  std::copy(text.begin(), text.end(), last_.begin());
  last_time_ = out;
  return true;
}

bool LogTimeParser::ParseIso8601(std::string_view text, Time& out) {
  if (text.size() > 40) return false;
  auto time = ParseTime(text);
  if (!time) return false;
  out = *time;
  return true;
}

bool LogTimeParser::ParseAny(std::string_view text, Time& out) {
  if (text.size() > 10 && text[2] == '/') return ParseLocal(text, out);
  if (text.size() > 10 && text[4] == '-') return ParseIso8601(text, out);
  return ParseMsec(text, out);
}

}  // namespace aiops
