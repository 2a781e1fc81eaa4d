// Detector: judges one entity's feature vectors, one after the other.
//
// Order of use for every sample: Score (from the state before it), then Learn. There is no call
// that does both, so that nobody can score a sample with a state that has seen it. Detectors do no
// I/O, read no clock, start no thread and write no log. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detectors/matrix_view.h"
#include "model/feature.h"
#include "model/score.h"

namespace aiops {

struct EwmaOptions {
  double lambda = 0.2;           // weight of the newest sample, (0, 1]
  double sigma = 3.0;            // |z| beyond it is an anomaly
  int warmup = 20;               // samples of a feature before it judges
  double floor_relative = 0.02;  // sigma is never below this share of |mean| ...
  double floor_absolute = 1e-6;  // ... nor below this
};

struct IsolationForestOptions {
  int n_estimators = 100;
  int max_samples = 256;
  double contamination = 0.05;           // WARNING is the 1-c quantile of the training scores
  double critical_contamination = 0.01;  // CRITICAL likewise; <= contamination
  std::uint64_t seed = 42;
};

// What a detector must know about a feature.
struct FeatureRule {
  Direction direction = Direction::kBoth;
  double min_deviation = 0;  // |value - expected| below it is never an anomaly
};

struct DetectorOptions {
  EwmaOptions ewma;
  IsolationForestOptions forest;
  double min_coverage = 0.5;
  std::vector<FeatureRule> features;  // one per feature of the scope: fixes the width
};

struct ModelInfo {
  bool present = false;
  size_t rows = 0;  // that it was trained on
  size_t trees = 0;
  size_t bytes = 0;
  double warning = kMissing;  // thresholds in forest scores
  double critical = kMissing;
};

class Detector {
 public:
  virtual ~Detector() = default;

  // Trains the model part on samples in time order. Fewer than two usable rows is InvalidArgument.
  // The streaming part (EWMA) is untouched.
  virtual Result<void> Fit(MatrixView samples) = 0;

  // x.size() must be the width. Never NaN where a verdict is given: too little data is `unknown`.
  virtual Score Judge(std::span<const double> x) const = 0;

  // `score` is what Judge said of the same x. Anomalous values enter the baseline only clipped.
  virtual void Learn(std::span<const double> x, const Score& score, std::uint32_t flags) = 0;

  // Takes over the model of a detector of the same width that was fitted elsewhere (a training
  // thread).
  virtual void Adopt(const Detector& fitted) = 0;

  virtual ModelInfo model() const = 0;

  // The streaming state and the model, separately: the first changes every round, the second
  // weekly.
  virtual std::string SnapshotState() const = 0;
  virtual std::string SnapshotModel() const = 0;  // empty without one
  // Hostile input is Corruption and leaves the detector as it was. Another width is
  // InvalidArgument.
  virtual Result<void> RestoreState(std::string_view blob) = 0;
  virtual Result<void> RestoreModel(std::string_view blob) = 0;
};

// EWMA per feature, an Isolation Forest over all of them, one hybrid verdict (docs/hybrid.md).
std::unique_ptr<Detector> MakeHybridDetector(const DetectorOptions& options);

}  // namespace aiops
