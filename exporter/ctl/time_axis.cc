#include "ctl/time_axis.h"

#include <array>

#include "config/zone_rules.h"

namespace aiops {
namespace {

constexpr Duration kDay = hours(24);
constexpr std::array<Duration, 18> kSteps = {
    minutes(5), minutes(10), minutes(15), minutes(30), hours(1),   hours(2),
    hours(3),   hours(6),    hours(12),   kDay,        2 * kDay,   3 * kDay,
    7 * kDay,   14 * kDay,   28 * kDay,   56 * kDay,   112 * kDay, 364 * kDay};

std::vector<Time> RoundTimes(Window window, const TimeZone& zone, Duration step) {
  const ZoneRules rules(zone);
  std::vector<Time> out;
  for (Time local = FloorTo(rules.ToLocal(window.from), step);; local += step) {
    const Time time = rules.FromLocal(local).first;
    if (time > window.to) return out;
    if (time >= window.from) out.push_back(time);
  }
}

// Of "Tue 2026-11-24 02:30"; with the month where days of several are told.
std::string DayText(const std::string& formatted, Window window) {
  if (window.to - window.from > 28 * kDay) return formatted.substr(9, 5);
  return formatted.substr(0, 3) + " " + formatted.substr(12, 2);
}

}  // namespace

std::string ClockText(Time time, const TimeZone& zone) {
  const std::string text = zone.Format(time);
  return text.substr(text.size() - 5);
}

std::vector<TimeTick> TimeTicks(Window window, const TimeZone& zone, size_t most) {
  std::vector<Time> times;
  for (const Duration step : kSteps) {
    if ((window.to - window.from) / step > static_cast<Duration::rep>(most)) continue;
    times = RoundTimes(window, zone, step);
    if (times.size() <= most) break;
  }
  std::vector<TimeTick> ticks;
  for (const Time time : times) {
    if (ticks.size() == most) break;
    const std::string clock = ClockText(time, zone);
    ticks.push_back({time, clock == "00:00" ? DayText(zone.Format(time), window) : clock});
  }
  return ticks;
}

std::vector<Time> Midnights(Window window, const TimeZone& zone) {
  return window.to - window.from > 60 * kDay ? std::vector<Time>{} : RoundTimes(window, zone, kDay);
}

}  // namespace aiops
