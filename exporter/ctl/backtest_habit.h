// What comes again: episodes of an entity at the same time of several days.
#pragma once

#include <string>
#include <vector>

#include "config/cron.h"
#include "ctl/backtest_run.h"

namespace aiops {

struct Habit {
  std::string entity;
  size_t episodes = 0;  // within an hour of the day
  size_t all = 0;       // of the entity
  size_t days = 0;      // on which they came
  std::string first;    // "02:30": between these they began
  std::string last;
};

// Of each entity the hour at which most began: on three days at least, and a quarter of all.
std::vector<Habit> Habits(const BacktestOutcome& outcome, const TimeZone& zone);

// A sentence for each, and what to do about them; empty where there is none.
std::vector<std::string> HabitTexts(const std::vector<Habit>& habits);

}  // namespace aiops
