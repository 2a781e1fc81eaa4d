// The curves of a backtest's report.
#pragma once

#include <string>

#include "ctl/backtest_run.h"

namespace aiops {

// Score and level of an entity over the whole range, its episodes marked. The score is drawn as
// s / (1 + s): its threshold, 1, is in the middle, whatever the greatest is. The level has the
// scale of the greatest of all entities.
std::string ScoreFigure(const EntityOutcome& entity, const BacktestOutcome& outcome,
                        const TimeZone& zone);

// The features that spoke most for the episode, with their bands, from before to behind it.
std::string FeatureFigures(const Anomaly& anomaly, const EntityOutcome& entity,
                           const TimeZone& zone);

}  // namespace aiops
