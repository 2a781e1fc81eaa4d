// ForestModel: a forest with the thresholds that its own training rows gave it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detectors/detector.h"
#include "detectors/isolation_forest.h"
#include "detectors/matrix_view.h"

namespace aiops {

// The q-quantile of values, linear between the two nearest as numpy's. Requires values without NaN.
double Quantile(std::vector<double> values, double q);

// Immutable, so that threads may share it.
class ForestModel {
 public:
  // The thresholds are the 1 - c quantiles of the scores of all training rows (scikit-learn's
  // offset_). contamination is clamped to [0, 0.5], critical_contamination to [0, contamination].
  // Errors: as IsolationForest::Fit.
  static Result<ForestModel> Fit(MatrixView rows, const IsolationForestOptions& options);

  // Corruption on anything that Snapshot could not have written.
  static Result<ForestModel> Restore(std::string_view blob);
  std::string Snapshot() const;

  const IsolationForest& forest() const { return forest_; }
  double median() const { return median_; }  // of the training scores
  double warning() const { return warning_; }
  double critical() const { return critical_; }
  ModelInfo Info() const;

 private:
  explicit ForestModel(IsolationForest forest) : forest_(std::move(forest)) {}

  IsolationForest forest_;
  size_t rows_ = 0;
  double median_ = 0;
  double warning_ = 0;
  double critical_ = 0;
};

}  // namespace aiops
