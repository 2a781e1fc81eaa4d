// Ewma: an exponentially weighted mean and standard deviation per feature, and how far a sample is
// from them (docs/ewma.md).
//
//   e = x - m      m' = m + l e      s'^2 = (1 - l) (s^2 + l e^2)      z = e / max(s, floor)
//
// (West 1979; Finch 2009). l is 1/n for the first `warmup` samples of a feature, which is Welford's
// exact mean and population variance, and `lambda` afterwards. Then e is clipped to +-sigma *
// max(s, floor) before it is learned.
//
// Missing is NaN or infinite: neither judged nor learned. Other values are clamped to +-1e300;
// nothing that comes out is NaN except where the header of Score says so. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/detector.h"

namespace aiops {

// Evidence made comparable: itself up to 1, then 1 + ln(u), so that a jump out of a constant series
// does not drown everything else. Strictly rising; >= 1 exactly when u >= 1.
double SoftenEvidence(double u);

class Ewma {
 public:
  // One rule per feature: fixes the width. Requires lambda in (0, 1], sigma > 0, warmup >= 1.
  Ewma(const EwmaOptions& options, std::vector<FeatureRule> rules);

  // One entry per feature. `contribution` is SoftenEvidence(u), where u is the smaller of |z| /
  // sigma and |x - expected| / FeatureRule::LeastDeviation, and 0 for a deviation in the harmless
  // direction. A feature is anomalous exactly when u >= 1. x.size() must be the width.
  std::vector<FeatureScore> Judge(std::span<const double> x) const;

  void Learn(std::span<const double> x);

  size_t width() const { return rules_.size(); }
  std::uint32_t samples(size_t feature) const { return state_[feature].samples; }  // learned so far

  void Save(BlobWriter& out) const;
  // Corruption leaves the state as it was; so does another width (InvalidArgument).
  Result<void> Load(BlobReader& in);

 private:
  struct State {
    std::uint32_t samples = 0;
    double mean = 0;
    double deviation = 0;  // standard deviation, without the floor
  };

  FeatureScore JudgeOne(double x, const State& state, const FeatureRule& rule) const;
  void LearnOne(double x, State& state) const;
  double Spread(const State& state) const;  // max(deviation, floor)
  bool Warm(const State& state) const;

  EwmaOptions options_;
  std::vector<FeatureRule> rules_;
  std::vector<State> state_;
};

}  // namespace aiops
