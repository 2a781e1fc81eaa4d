// What a feature can be at all.
#pragma once

#include <limits>

#include "model/feature.h"

namespace aiops {

struct ValueRange {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool Holds(double value) const;  // what is missing, too
};

// Shares 0 to 1, % 0 to 100; rates, sizes, clients, and whatever counts at a source of ours (not
// PromQL) not below 0.
ValueRange RangeOf(const Feature& feature);

}  // namespace aiops
