#include "model/band.h"

#include <algorithm>

#include "model/value_range.h"
#include "text/human_number.h"

namespace aiops {
namespace {

bool WithinBand(const Contribution& c) {
  return !IsMissing(c.value) && !IsMissing(c.lower) && !IsMissing(c.upper) &&
         !IsOutside(c.value, c.lower, c.upper);
}

}  // namespace

std::string_view HeldBack(Gate gate) {
  switch (gate) {
    case Gate::kMinDeviation:
      return "outside, but by less than counts";
    case Gate::kDirection:
      return "outside, on the side that is not bad";
    case Gate::kMinCount:
      return "not judged: too few events";
    case Gate::kRange:
      return "not judged: no value that it can have";
    default:
      return "";
  }
}

std::string_view RemarkOn(const FeatureScore& f) {
  if (f.anomalous) return "unusual";
  if (const std::string_view held = HeldBack(f.gate); !held.empty()) return held;
  return IsOutside(f.value, f.lower, f.upper) ? "outside, but all in all still usual" : "";
}

std::string BandText(double lower, double upper, const std::string& unit) {
  if (IsMissing(lower) && IsMissing(upper)) return "";
  if (IsMissing(upper)) return "at least " + HumanNumber(lower, unit);
  if (IsMissing(lower)) return "up to " + HumanNumber(upper, unit);
  return HumanNumber(lower, unit) + " to " + HumanNumber(upper, unit);
}

bool IsOutside(double value, double lower, double upper) { return value < lower || value > upper; }

void ClampBands(const Scope& scope, Score& score) {
  for (size_t i = 0; i < std::min(scope.features.size(), score.features.size()); ++i) {
    FeatureScore& f = score.features[i];
    const ValueRange range = RangeOf(scope.features[i]);
    if (!range.Holds(f.value) || !range.Holds(f.expected)) continue;
    if (f.lower < range.least) f.lower = range.least;
    if (f.upper > range.most) f.upper = range.most;
  }
}

std::vector<Contribution> Deviating(const std::vector<Contribution>& contributions, size_t most) {
  std::vector<Contribution> out;
  for (const Contribution& c : contributions)
    if (out.size() < most && !WithinBand(c)) out.push_back(c);
  return out;
}

bool SpeaksAlone(const std::vector<Contribution>& contributions) {
  return !contributions.empty() && contributions.front().share > 2.0 / 3;
}

std::string CombinationText(const std::vector<Contribution>& contributions, size_t most) {
  if (contributions.empty()) return "an unusual combination of values";
  if (SpeaksAlone(contributions)) {
    const Contribution& c = contributions.front();
    return c.feature + " " + HumanNumber(c.value, c.unit) +
           ", far from what is usual at this hour, though its band has followed it";
  }
  std::string out;
  for (size_t i = 0; i < std::min(most, contributions.size()); ++i)
    out += (i == 0 ? "" : ", ") + contributions[i].feature + " " +
           HumanNumber(contributions[i].value, contributions[i].unit);
  return "an unusual combination of values that are usual each by itself: " + out;
}

}  // namespace aiops
