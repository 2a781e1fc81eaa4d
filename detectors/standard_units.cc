#include "detectors/standard_units.h"

#include <algorithm>
#include <limits>

namespace aiops {
namespace {

constexpr double kLargest = 1e300;  // sums, differences and multiples of it stay finite
constexpr double kOfRange = 0.02;
constexpr double kOfDeviation = 0.1;
constexpr double kOfMagnitude = 0.001;

double Bounded(double x) { return std::clamp(x, -kLargest, kLargest); }

// Relative to the range, so that no square overflows or vanishes.
struct Moments {
  double mean = 0;  // of (x - low) / range
  double square = 0;
};

}  // namespace

StandardUnits StandardUnits::Of(std::span<const double> column, double floor_absolute) {
  double low = kLargest;
  double high = -kLargest;
  size_t present = 0;
  for (const double v : column) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, Bounded(v));
    high = std::max(high, Bounded(v));
    ++present;
  }
  const double least = std::max(floor_absolute, std::numeric_limits<double>::min());
  // Nothing is known of it: in so large a unit whatever comes is 0, until a training has seen it.
  if (present == 0) return {0, kLargest};
  const double range = high - low;
  Moments moments;
  for (const double v : column) {
    if (!std::isfinite(v) || range <= 0) continue;
    const double share = (Bounded(v) - low) / range;
    moments.mean += share / static_cast<double>(present);
    moments.square += share * share / static_cast<double>(present);
  }
  const double variance = std::max(0.0, moments.square - moments.mean * moments.mean);
  return {low + moments.mean * range,
          std::max({kOfRange * range, kOfDeviation * range * std::sqrt(variance),
                    kOfMagnitude * std::max(std::abs(low), std::abs(high)), least})};
}

double StandardUnits::From(double x) const {
  return std::clamp((Bounded(x) - center) / floor, -kMostUnits, kMostUnits);
}

}  // namespace aiops
