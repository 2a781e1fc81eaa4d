// Backfill: features from the TSDB's history, for a first training.
#pragma once

#include <stop_token>
#include <vector>

#include "collect/collector.h"
#include "collect/prometheus/options.h"

namespace aiops::prom {

// One entry for every tick of the range (floored to whole intervals) that has a value, oldest
// first. Asks in pieces of at most 2,000 points a series, below every server's limit of 11,000. A
// feature without an answer is missing; it is an error if none is answered. `context.features` have
// $window expanded.
Result<std::vector<PastReadings>> Backfill(const CollectorContext& context, const Options& options,
                                           Window range, std::stop_token stop);

}  // namespace aiops::prom
