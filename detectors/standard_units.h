// StandardUnits: one metric's numbers as the calibrated detector sees them, in units of its floor.
//
// The floor is the least standard deviation that is believed of the metric, from its training
// window: max(2 % of the range, 10 % of the standard deviation, 0.1 % of the largest magnitude, an
// absolute one). So a constant metric has one too, and nothing of what follows knows about bytes
// or per cents.
#pragma once

#include <cmath>
#include <span>

namespace aiops {

inline constexpr double kMostUnits = 1e9;  // values are clamped to it: floats and squares hold it

// Whether a saved number may be one in these units (a mean, a deviation). False for NaN.
inline bool InUnits(double v) { return std::abs(v) <= 2 * kMostUnits; }

struct StandardUnits {
  double center = 0;  // the training mean
  double floor = 1;   // > 0

  // Of the finite values of a training column; without any, center 0.
  static StandardUnits Of(std::span<const double> column, double floor_absolute);

  // Finite for every finite x.
  double From(double x) const;
};

}  // namespace aiops
