// Backfill: features from the TSDB's history, for a first training.
#pragma once

#include <stop_token>
#include <vector>

#include "collect/collector.h"
#include "collect/prometheus/options.h"

namespace aiops::prom {

// One entry for every tick of the range (floored to whole intervals) that has a value, oldest
// first; read as ReadHistory does, in pieces. A feature without an answer is missing; it is an
// error if none is answered. Ticks of a partial answer are left out: they would teach a model half
// of what there was. `context.features` have $window expanded.
Result<std::vector<PastReadings>> Backfill(const CollectorContext& context, const Options& options,
                                           Window range, std::stop_token stop);

}  // namespace aiops::prom
