// Detector: judges one entity's feature vectors, one after the other.
//
// Order of use for every sample: Score (from the state before it), then Learn. There is no call
// that does both, so that nobody can score a sample with a state that has seen it. Detectors do no
// I/O, read no clock, start no thread and write no log. Not thread-safe.
#pragma once

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
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
  double min_deviation = 0;           // |value - expected| below it is never an anomaly
  double min_relative_deviation = 0;  // nor below this share of |expected|
  // Values outside are no values: neither judged nor learned, with the gate kRange.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  // The same, with kMinCount, while the feature of index `counted_by` is below this.
  double min_count = 0;
  size_t counted_by = kNotCounted;
  static constexpr size_t kNotCounted = static_cast<size_t>(-1);

  double LeastDeviation(double expected) const {
    return std::max(min_deviation, min_relative_deviation * std::abs(expected));
  }
};

// The parts of the calibrated score, to switch one off (docs/detection.md).
enum class Part : std::uint8_t {
  kShift,          // A: depth against the long memory
  kBreadth,        // B: how many metrics deviate
  kJump,           // T: depth against the short memory
  kSeason,         // D: depth against the time of day
  kForest,         // C: the forest over residuals
  kBurst,          // Q: how many metrics move at once
  kResidual,       // R: deviations that training never showed together; only the level hears it
  kRunBudget,      // each alert raises the bar for the next
  kRecalibration,  // thresholds follow the last seven days
  kWeekday,        // what the weekday adds to the time of day
  kLone,           // one metric alone that stays where it never was
};
inline constexpr size_t kPartCount = 11;

class SharedForest;  // detectors/shared_forest.h

struct CalibratedOptions {
  std::bitset<kPartCount> without;  // parts that are switched off
  Duration interval = minutes(1);   // between samples
  double gain = 1;                  // of the score: above 1 it alerts earlier and more often
  size_t min_rows = 48;             // training rows; with fewer there is no calibrated score
  // What a fit takes if it has the width; null: it grows a forest of its own.
  std::shared_ptr<const SharedForest> forest = nullptr;
  std::vector<std::shared_ptr<const SharedForest>> saved_forests = {};  // that saved models name
};

enum class DetectorMode : std::uint8_t { kPlain, kCalibrated };

struct DetectorOptions {
  DetectorMode mode = DetectorMode::kPlain;
  CalibratedOptions calibrated;
  EwmaOptions ewma;
  IsolationForestOptions forest;
  double min_coverage = 0.5;
  int persistence = 1;  // samples in alert in a row, before which WARNING is held back
  std::vector<FeatureRule> features;  // one per feature of the scope: fixes the width
};

// When a sample was taken, and what the clock on the wall said: what happens daily and weekly
// follows the latter.
struct Moment {
  Time time{};
  Duration of_week{};  // local time since Monday, midnight
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

  // Trains the model part on samples in time order; moments.size() is the number of rows. Too few
  // usable rows is InvalidArgument. The EWMA per feature is untouched; the memories that belong to
  // a calibrated model run through the samples as a stream.
  virtual Result<void> Fit(MatrixView samples, std::span<const Moment> moments) = 0;

  // x.size() must be the width. Never NaN where a verdict is given: too little data is `unknown`.
  virtual Score Judge(std::span<const double> x, const Moment& at) const = 0;

  // `score` is what Judge said of the same x. Anomalous values enter the baseline only clipped.
  virtual void Learn(std::span<const double> x, const Moment& at, const Score& score,
                     std::uint32_t flags) = 0;

  // Takes over the model of a detector of the same width that was fitted elsewhere (a training
  // thread).
  virtual void Adopt(const Detector& fitted) = 0;

  // What it alerted about at that time, with that score, and what comes at the same time of other
  // days, is or is not expected: a person said so. Saying it again changes nothing.
  virtual void Mark(const Moment& at, bool expected, double score) = 0;

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

// The same table, with a calibrated joint score in the forest's cell (docs/detection.md). Without a
// model it judges as a hybrid detector without a forest.
std::unique_ptr<Detector> MakeCalibratedDetector(const DetectorOptions& options);

// By options.mode.
std::unique_ptr<Detector> MakeDetector(const DetectorOptions& options);

}  // namespace aiops
