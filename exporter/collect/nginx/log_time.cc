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
  return tens > 9 || ones > 9 ? 100'000 : static_cast<int>(tens * 10 + ones);
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

constexpr size_t kIsoSize = 19;  // "2026-11-23T03:02:00"
// 253402300799 is the end of the year 9999.
constexpr std::int64_t kMaxUnix = 253402300799;
constexpr size_t kMaxSecondDigits = 12;

struct TimeOfDay {
  int hour, minute, second;
};

// A stamp that its offset moves out of the years 1970 to 9999 is none: nobody counts before.
bool InRange(Time t) { return UnixMillis(t) >= 0 && UnixMillis(t) < (kMaxUnix + 1) * 1000; }

bool ToTime(int year, unsigned month, int day, TimeOfDay t, Time& out) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 60: a leap second.
  if (year > 9999 || !date.ok() || t.hour > 23 || t.minute > 59 || t.second > 60) return false;
  out = Time(std::chrono::sys_days(date)) + hours(t.hour) + minutes(t.minute) + seconds(t.second);
  return true;
}

// ".123456" to the millisecond, and drops it from the front of `text`.
bool TakeFraction(std::string_view& text, Duration& out) {
  if (text.empty() || text[0] != '.') return true;
  size_t i = 1;
  for (int unit = 100; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, unit /= 10) {
    out += Duration(unit * (text[i] - '0'));
  }
  text.remove_prefix(i);
  return i > 1;
}

// Minutes east of UTC: "Z", "+05:45", and "+0545" as zap writes it.
bool OffsetOf(std::string_view text, int& out) {
  if (text == "Z" || text == "z") return true;
  char digits[5];
  if (text.size() == 6 && text[3] == ':') {
    std::copy_n(text.begin(), 3, digits);
    std::copy_n(text.begin() + 4, 2, digits + 3);
  } else if (text.size() == 5) {
    std::copy_n(text.begin(), 5, digits);
  } else {
    return false;
  }
  out = OffsetMinutes(digits);
  return out <= 1440;
}

// A count of milliseconds, microseconds or nanoseconds since 1970, told by its size: as seconds it
// would lie behind the year 9999.
bool ParseUnits(std::string_view text, Time& out) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  auto [p, error] = std::from_chars(text.data(), last, value);
  Duration ignored{};
  std::string_view rest(p, static_cast<size_t>(last - p));
  if (error != std::errc() || value < 0 || !TakeFraction(rest, ignored) || !rest.empty())
    return false;
  while (value > kMaxUnix * 1000) value /= 1000;
  out = FromUnixMillis(value);
  return true;
}

}  // namespace

bool ParseMsec(std::string_view text, Time& out) {
  std::int64_t whole = 0;
  const char* last = text.data() + text.size();
  auto [p, error] = std::from_chars(text.data(), last, whole);
  if (error != std::errc() || whole < 0 || whole > kMaxUnix) return false;
  Duration fraction{};
  std::string_view rest(p, static_cast<size_t>(last - p));
  if (!TakeFraction(rest, fraction) || !rest.empty()) return false;
  out = FromUnixMillis(whole * 1000) + fraction;
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
  const int offset = OffsetMinutes(p + 21);
  Time local;
  if (offset > 1440 || !ToTime(Two(p + 7) * 100 + Two(p + 9), Month(text.substr(3, 3)), Two(p),
                               {Two(p + 12), Two(p + 15), Two(p + 18)}, local)) {
    return false;
  }
  if (!InRange(local - minutes(offset))) return false;
  out = local - minutes(offset);
  std::copy(text.begin(), text.end(), last_.begin());
  last_time_ = out;
  return true;
}

bool LogTimeParser::ParseIso8601(std::string_view text, Time& out) {
  if (text.size() < kIsoSize + 1 || text.size() > 40) return false;
  const char* p = text.data();
  if (p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't') || p[13] != ':' ||
      p[16] != ':') {
    return false;
  }
  Time second;
  if (!ToTime(Two(p) * 100 + Two(p + 2), static_cast<unsigned>(Two(p + 5)), Two(p + 8),
              {Two(p + 11), Two(p + 14), Two(p + 17)}, second)) {
    return false;
  }
  text.remove_prefix(kIsoSize);
  Duration fraction{};
  int offset = 0;
  if (!TakeFraction(text, fraction) || !OffsetOf(text, offset)) return false;
  const Time found = second + fraction - minutes(offset);
  if (!InRange(found)) return false;
  out = found;
  return true;
}

bool LogTimeParser::ParseAny(std::string_view text, Time& out) {
  if (text.size() > 10 && text[2] == '/') return ParseLocal(text, out);
  if (text.size() > 10 && text[4] == '-') return ParseIso8601(text, out);
  if (text.substr(0, text.find('.')).size() > kMaxSecondDigits) return ParseUnits(text, out);
  return ParseMsec(text, out);
}

}  // namespace aiops
