#include "ctl/backtest_habit.h"

#include <algorithm>
#include <set>

#include "config/zone_rules.h"
#include "ctl/time_axis.h"

namespace aiops {
namespace {

constexpr Duration kDay = hours(24);
constexpr Duration kAlike = hours(1);
constexpr size_t kLeastDays = 3;

struct Start {
  Time time;
  Duration of_day{};  // local
  Time day;           // local
};

std::vector<Start> StartsOf(const EntityKey& key, const BacktestOutcome& outcome,
                            const ZoneRules& rules) {
  std::vector<Start> starts;
  for (const Episode& episode : outcome.episodes) {
    if (episode.anomaly.key != key) continue;
    const Time local = rules.ToLocal(episode.anomaly.started_at);
    const Time day = FloorTo(local, kDay);
    starts.push_back({episode.anomaly.started_at, local - day, day});
  }
  return starts;
}

// How long after `begin` on the clock, across midnight.
Duration Behind(const Start& start, const Start& begin) {
  return (start.of_day - begin.of_day + kDay) % kDay;
}

Habit HabitFrom(const Start& begin, const std::vector<Start>& starts, const TimeZone& zone) {
  Habit habit;
  std::set<Time> days;
  const Start* last = &begin;
  for (const Start& start : starts) {
    if (Behind(start, begin) >= kAlike) continue;
    ++habit.episodes;
    days.insert(start.day);
    if (Behind(start, begin) > Behind(*last, begin)) last = &start;
  }
  habit.all = starts.size();
  habit.days = days.size();
  habit.first = ClockText(begin.time, zone);
  habit.last = ClockText(last->time, zone);
  return habit;
}

}  // namespace

std::vector<Habit> Habits(const BacktestOutcome& outcome, const TimeZone& zone) {
  const ZoneRules rules(zone);
  std::vector<Habit> habits;
  for (const EntityOutcome& entity : outcome.entities) {
    const auto starts = StartsOf(entity.key, outcome, rules);
    Habit most;
    for (const Start& begin : starts) {
      Habit habit = HabitFrom(begin, starts, zone);
      if (habit.days > most.days) most = std::move(habit);
    }
    if (most.days < kLeastDays || 4 * most.episodes < most.all) continue;
    most.entity = entity.key.entity;
    habits.push_back(std::move(most));
  }
  return habits;
}

std::vector<std::string> HabitTexts(const std::vector<Habit>& habits) {
  std::vector<std::string> texts;
  for (const Habit& habit : habits)
    texts.push_back(std::to_string(habit.episodes) + " of the " + std::to_string(habit.all) +
                    " episodes of " + habit.entity + " began " +
                    (habit.first == habit.last ? "at " + habit.first
                                               : "between " + habit.first + " and " + habit.last) +
                    ", on " + std::to_string(habit.days) + " days");
  if (!texts.empty())
    texts.push_back(
        "If that is wanted (a backup?), mark one when the daemon has told it: aiopsctl expected "
        "ID, with the ID from aiopsctl anomalies. What comes again at its hour is then told only "
        "where it is much stronger");
  return texts;
}

}  // namespace aiops
