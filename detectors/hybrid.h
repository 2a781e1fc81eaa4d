// The arithmetic of the hybrid verdict, apart from its state (docs/hybrid.md). MakeHybridDetector
// in detector.h puts it together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/matrix_view.h"
#include "model/sample.h"
#include "model/score.h"

namespace aiops {

// What each method saw in one sample.
struct HybridEvidence {
  bool forest_warning = false;   // forest score above its WARNING threshold
  bool forest_critical = false;  // ... above its CRITICAL threshold
  int ewma_anomalies = 0;        // features
};

// Samples with one of these flags are judged, but no baseline learns from them.
inline constexpr std::uint32_t kNeverLearned = kPartial | kMaintenance | kConfirmedReal | kMuted;

// The share of finite values; 0 for none at all. IsCovered: whether that is enough to judge.
double PresentShare(std::span<const double> x);
inline bool IsCovered(double share, double least) { return share > 0 && share >= least - 1e-9; }

// The rows of a training window that are covered.
struct CoveredRows {
  std::vector<double> values;  // row-major
  std::vector<size_t> places;  // of each row in the window
  size_t width = 0;

  MatrixView view() const { return {values.data(), places.size(), width}; }
};
// InvalidArgument where the window has not `width` features.
Result<CoveredRows> SelectCovered(MatrixView window, size_t width, double least);

// The table: forest CRITICAL -> critical; forest WARNING or >= 2 features -> warning; 1 feature ->
// log_only.
Verdict HybridVerdict(const HybridEvidence& evidence);

// The gate of the strongest feature that would have made the verdict graver, or kNone.
Gate SilencingGate(std::span<const FeatureScore> features, const HybridEvidence& evidence);

// EWMA's part of the score: the softened evidence of the second strongest feature if that is >= 1
// (two features are anomalous), else the mean of the two strongest, each at most 1; always below 1
// then. So one anomalous feature alone is between 0.5 and 1. Reads the contributions that
// Ewma::Judge gave.
double EwmaPart(std::span<const FeatureScore> features);

// The forest's part: 0 at the median of the training scores and below, 1 at the WARNING threshold,
// linear in between and beyond. >= 1 exactly when score > warning. Where median and threshold
// coincide (constant training data) it is the ratio score / warning.
double ForestPart(double score, double median, double warning);

}  // namespace aiops
