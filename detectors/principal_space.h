// PrincipalSpace: how metrics usually deviate together, and how far a sample is from that.
//
// The principal components of the training rows that hold 90 % of their variance, at most 16, after
// each column was centred and divided by its standard deviation, or 1 if that is greater. What a
// row leaves outside of their span is unexplained: a combination of deviations that training did
// not show (Jackson and Mudholkar, "Control Procedures for Residuals Associated With Principal
// Component Analysis", 1979). Thread-safe: immutable.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/matrix_view.h"

namespace aiops {

inline constexpr double kMostDeviation = 10;  // of a column, up or down

class PrincipalSpace {
 public:
  PrincipalSpace() = default;  // of no columns
  // Of rows of deviations, each within +-kMostDeviation. A missing value is its column's mean.
  explicit PrincipalSpace(MatrixView rows);

  // Length of the part of x that the components leave unexplained, >= 0. x as the training rows.
  double Unexplained(std::span<const double> x) const;

  void Save(BlobWriter& out) const;
  static Result<PrincipalSpace> Load(BlobReader& in, size_t width);

 private:
  struct Column {
    float mean = 0;
    float scale = 1;
  };

  std::vector<Column> columns_;
  size_t components_ = 0;
  std::vector<float> loadings_;  // columns x components: orthonormal
};

}  // namespace aiops
