// Tail: how rare a number is, judged by what training saw. Pure functions of values.
//
// The excesses over the 98 % quantile u are taken to be exponential, and their scale comes from
// their *median*, so that a training window that holds an incident does not raise it.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"

namespace aiops {

inline constexpr double kTailFrom = 0.98;  // the quantile where the tail begins
inline constexpr double kMostSurprise = 20;

struct Tail {
  double from = 0;        // u
  double median = 0;      // of the excesses over u
  double two_thirds = 0;  // the excess that so many stay below

  // u + k median excesses. Where the tail is longer than an exponential's, so that its median
  // promises too much quiet, the excess of two thirds says what the median would be.
  double At(double k) const;
};

// Requires values, none NaN. The median excess is at least what 5 % of (u - median of all) as the
// exponential's scale would give.
Tail TailOf(std::vector<double> values);

// -ln p of one component of the score, where p is the share of training that was as high.
class SurpriseTable {
 public:
  SurpriseTable() = default;  // silent
  // Values of the calibration part of training, none NaN. If more than half of them are 0, training
  // hardly shows a scale: then it is at least `least_scale`; 0: the table is silent.
  explicit SurpriseTable(const std::vector<double>& values, double least_scale = 0);

  // [0, 20]. 0 if silent.
  double Surprise(double value) const;
  bool silent() const { return scale_ <= 0; }

  void Save(BlobWriter& out) const;
  static Result<SurpriseTable> Load(BlobReader& in);

 private:
  static constexpr size_t kKnots = 64;

  std::array<float, kKnots> knots_{};  // quantiles from 0 to kTailFrom
  double scale_ = 0;                   // of the exponential tail; 0: silent
};

}  // namespace aiops
