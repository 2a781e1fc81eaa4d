// Cron: five fields (minute hour day-of-month month day-of-week) in one time zone.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace aiops {

// An IANA time zone. Cheap to copy. Thread-safe.
class TimeZone {
 public:
  // "" is the zone of the variable TZ, else the system's (UTC where that is unknown). An unknown
  // name, or a system without tzdata, is an error that says which; "UTC" needs no tzdata.
  static Result<TimeZone> Open(std::string_view name);
  const std::string& name() const { return name_; }

  // "Mon 2026-11-23 03:02" for people.
  std::string Format(Time t) const;

 private:
  friend class ZoneRules;
  TimeZone(const void* zone, std::string name) : zone_(zone), name_(std::move(name)) {}
  const void* zone_;  // date::time_zone, which lives as long as the process; null: UTC
  std::string name_;
};

// Fields as in crontab(5): *, lists, ranges, steps, names of months and days; 7 is Sunday. When
// both day fields are restricted, either one matches.
//
// Daylight saving: a time that does not exist fires at the first instant after the gap; one that
// exists twice fires once, at its first occurrence. A job whose hour field is * goes by elapsed
// time: it runs in both of the repeated hours, and the missing one makes no run of its own.
class Cron {
 public:
  static Result<Cron> Parse(std::string_view expression);

  // The first firing strictly after `after`, or nullopt if there is none within some eight years.
  std::optional<Time> Next(Time after, const TimeZone& zone) const;
  const std::string& expression() const { return expression_; }

 private:
  bool MatchesDay(Time local_day) const;
  std::optional<Time> NextOnDay(Time local_day, Time after, const TimeZone& zone) const;

  std::string expression_;
  std::bitset<60> minute_;
  std::bitset<24> hour_;
  std::bitset<32> day_;
  std::bitset<13> month_;
  std::bitset<7> weekday_;
  bool any_day_ = false;  // the field allows every value
  bool any_weekday_ = false;
  bool any_hour_ = false;
};

}  // namespace aiops
