#include "model/value_range.h"

#include "model/sample.h"

namespace aiops {

bool ValueRange::Holds(double value) const {
  return IsMissing(value) || (value >= least && value <= most);
}

ValueRange RangeOf(const Feature& feature) {
  constexpr double kUnlimited = std::numeric_limits<double>::infinity();
  if (feature.unit == "%") return {0, 100};
  const bool ours = feature.source != "prometheus";
  if (ours && feature.expr.starts_with("error_rate_")) return {0, 1};
  const bool size = feature.unit == "B" || feature.unit == "bytes" || feature.unit.ends_with("/s");
  return ours || size ? ValueRange{0, kUnlimited} : ValueRange{};
}

}  // namespace aiops
