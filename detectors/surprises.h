// Surprises: what the components of the calibrated score say of one sample.
#pragma once

#include <array>
#include <cstddef>

#include "detectors/detector.h"

namespace aiops {

// -ln p of each component, in the order of Part. The gates hear all but the last, the residual,
// which is the level's alone.
inline constexpr size_t kComponents = 7;
inline constexpr size_t kGated = 6;
using Surprises = std::array<double, kComponents>;

inline double Of(const Surprises& surprises, Part part) {
  return surprises[static_cast<size_t>(part)];
}

}  // namespace aiops
