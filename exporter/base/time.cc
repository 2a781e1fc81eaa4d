#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace aiops {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 6> kUnits{{{"w", 604'800'000},
                                      {"d", 86'400'000},
                                      {"h", 3'600'000},
                                      {"m", 60'000},
                                      {"s", 1'000},
                                      {"ms", 1}}};

// Reads exactly `digits` digits at the front of `text` and drops them.
bool TakeDigits(std::string_view& text, int digits, int& out) {
  if (text.size() < static_cast<size_t>(digits)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, out);
  if (error != std::errc{} || end != text.data() + digits) return false;
  text.remove_prefix(static_cast<size_t>(digits));
  return true;
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The offset east of UTC: "Z", "+09:00", "-03:30".
bool TakeOffset(std::string_view& text, minutes& offset) {
  if (TakeChar(text, "Zz")) return true;
  if (text.empty()) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  int hour = 0, minute = 0;
  if (!TakeChar(text, "+-") || !TakeDigits(text, 2, hour) || !TakeChar(text, ":") ||
      !TakeDigits(text, 2, minute) || hour > 23 || minute > 59)
    return false;
  offset = sign * (hours(hour) + minutes(minute));
  return true;
}

int TakeMillis(std::string_view& text) {
  int millis = 0, scale = 100;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    millis += (text.front() - '0') * scale;
    scale /= 10;
  }
  return millis;
}

}  // namespace

std::string FormatTime(Time t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss clock{t - day};
  std::array<char, 48> buffer{};
  int n = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                        static_cast<int>(clock.minutes().count()),
                        static_cast<int>(clock.seconds().count()));
  std::string out(buffer.data(), static_cast<size_t>(n));
  if (clock.subseconds().count() != 0) {
    n = std::snprintf(buffer.data(), buffer.size(), ".%03d",
                      static_cast<int>(clock.subseconds().count()));
    out.append(buffer.data(), static_cast<size_t>(n));
  }
  return out + "Z";
}

Result<Time> ParseTime(std::string_view text) {
  using namespace std::chrono;
  const std::string_view whole = text;
  const auto bad = [&] {
    return InvalidArgument("'" + std::string(whole.substr(0, 40)) +
                           "' is not a time like 2026-11-23T03:02:00Z");
  };
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
  minutes offset{0};
  if (!TakeDigits(text, 4, y) || !TakeChar(text, "-") || !TakeDigits(text, 2, mo) ||
      !TakeChar(text, "-") || !TakeDigits(text, 2, d) || !TakeChar(text, "Tt ") ||
      !TakeDigits(text, 2, h) || !TakeChar(text, ":") || !TakeDigits(text, 2, mi) ||
      !TakeChar(text, ":") || !TakeDigits(text, 2, s))
    return bad();
  if (TakeChar(text, ".")) ms = TakeMillis(text);
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (!TakeOffset(text, offset) || !text.empty() || !date.ok() || h > 23 || mi > 59 || s > 60)
    return bad();
  return Time(sys_days(date).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) +
              milliseconds(ms) - offset);
}

Result<Duration> ParseDuration(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [&] {
    return InvalidArgument("'" + std::string(whole.substr(0, 40)) +
                           "' is not a duration like 30s, 5m, 1h30m or 7d");
  };
  if (text.empty()) return bad();
  std::int64_t total = 0;
  size_t next_unit = 0;  // units must come in falling order, each at most once
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number > 1'000'000'000) return bad();
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789"));
    size_t i = next_unit;
    while (i < kUnits.size() && kUnits[i].name != unit) ++i;
    if (i == kUnits.size()) return bad();
    total += number * kUnits[i].milliseconds;
    text.remove_prefix(unit.size());
    next_unit = i + 1;
  }
  return Duration(total);
}

std::string FormatDuration(Duration d) {
  std::int64_t left = d.count();
  if (left == 0) return "0s";
  std::string out;
  if (left < 0) {
    out = "-";
    left = -left;
  }
  for (const auto& [name, size] : kUnits) {
    if (name == "w" && left % size != 0) continue;  // 8d reads better than 1w1d
    if (const auto n = left / size; n > 0) {
      out += std::to_string(n);
      out += name;
      left %= size;
    }
  }
  return out;
}

}  // namespace aiops
