// The curves of a backtest's report.
#pragma once

#include <string>
#include <vector>

#include "ctl/backtest_run.h"

namespace aiops {

// What the colours mean.
std::string ScoreLegend();
std::string FeatureLegend();

// Score and level of an entity over the whole range, its episodes marked. The score is drawn as
// s / (1 + s), so that all is seen beside its threshold, 1. The level has the scale of the greatest
// of all entities. `name` stands above it.
std::string ScoreFigure(const EntityOutcome& entity, const BacktestOutcome& outcome,
                        const TimeZone& zone, const std::string& name);

// The features of which the episode's summary speaks.
std::vector<Contribution> ToldFeatures(const Anomaly& anomaly);

// These with their bands, from before to behind the episode.
std::string FeatureFigures(const Anomaly& anomaly, const EntityOutcome& entity,
                           const TimeZone& zone);

}  // namespace aiops
