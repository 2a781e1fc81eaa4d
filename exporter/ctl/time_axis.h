// TimeAxis: round local times for the axis of a chart.
#pragma once

#include <string>
#include <vector>

#include "config/cron.h"
#include "model/evidence.h"

namespace aiops {

struct TimeTick {
  Time time;
  std::string label;  // "06:00"; of a midnight "Tue 24", in a long window "11-24"
};

// At most `most`, evenly apart as clocks show it, in time order.
std::vector<TimeTick> TimeTicks(Window window, const TimeZone& zone, size_t most);

// Every midnight in the window; none where it is so long that they would fill it.
std::vector<Time> Midnights(Window window, const TimeZone& zone);

std::string ClockText(Time time, const TimeZone& zone);  // "05:05"

}  // namespace aiops
