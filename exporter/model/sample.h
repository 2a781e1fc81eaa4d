// One entity's features at one tick.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/time.h"
#include "model/entity.h"

namespace aiops {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline bool IsMissing(double v) { return std::isnan(v); }

// Bits of Sample::flags. The values are stored: never renumber.
enum SampleFlag : std::uint32_t {
  kMaintenance = 1u << 0,    // inside a maintenance window: judged, stored, silent, not trained on
  kPartial = 1u << 1,        // a source said that its answer was incomplete: never trains
  kLowCoverage = 1u << 2,    // below scope's minimum coverage: verdict unknown
  kBackfill = 1u << 3,       // read later than it happened: trains, never alerts
  kConfirmedReal = 1u << 4,  // a person said: a real incident; never trains
  kExpected = 1u << 5,       // a person said: normal; trains
  kMuted = 1u << 6,          // a mute was in force
  kRelearned = 1u << 31,     // judged before, its state was lost: learned again; never stored
};

struct Sample {
  EntityKey key;
  Time time;                   // the end of the interval that it describes
  std::uint64_t schema = 0;    // SchemaHash of the scope when it was taken
  std::uint32_t flags = 0;     // SampleFlag bits
  std::vector<double> values;  // one per feature of the scope, in its order; kMissing where unknown
};

// The share of configured features that are present, 0..1. 0 for a vector of no features.
double Coverage(const std::vector<double>& values);

}  // namespace aiops
