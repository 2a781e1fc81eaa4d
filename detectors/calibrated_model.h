// CalibratedModel: what a training window taught (docs/detection.md). EntityStream: what changes
// with every sample. Internal to the calibrated detector.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detectors/detector.h"
#include "detectors/hybrid.h"
#include "detectors/isolation_forest.h"
#include "detectors/joint_score.h"
#include "detectors/matrix_view.h"
#include "detectors/metric_streams.h"
#include "detectors/principal_space.h"
#include "detectors/run_budget.h"
#include "detectors/shared_forest.h"
#include "detectors/tail.h"

namespace aiops {

struct CalibratedModel;

// One row against the state before it.
struct StreamReading {
  Deviations deviations;
  std::array<double, kComponents> components{};
  double forest = 0;  // the residual forest's score: the component that costs
};

// What an entity's detector remembers between samples, besides the model. About 18 kB at eleven
// metrics, constant. Not thread-safe.
class EntityStream {
 public:
  // Over a row whose forest score is known already, or, if it is missing, to be computed.
  StreamReading Look(std::span<const double> x, Duration of_week, const CalibratedModel& model,
                     double forest = kMissing) const;
  // `baselines` false: only what is going on just now is remembered.
  void Learn(const StreamReading& reading, std::span<const double> x, Duration of_week,
             const CalibratedModel& model, bool baselines);

  MetricStreams metrics;
  JointScore joint;
  RunBudget warnings;
  RunBudget criticals;

  void Save(BlobWriter& out) const;
  static Result<EntityStream> Load(BlobReader& in, size_t width, const Memories& memories);

 private:
  double burst_ = 0;  // Q: moving average of the share of metrics that move
};

// The rows of a window that have enough values, and their moments.
struct UsableRows {
  CoveredRows rows;
  std::vector<Moment> moments;
};
// Errors: as SelectCovered.
Result<UsableRows> SelectUsable(MatrixView samples, std::span<const Moment> moments,
                                const DetectorOptions& options);

// Immutable after Fit, so that threads may share it.
struct CalibratedModel {
  // Runs the window through a stream and calibrates every component on it. `rows` are usable ones
  // in time order. InvalidArgument: fewer than options.calibrated.min_rows; nothing ever varies.
  static Result<CalibratedModel> Fit(MatrixView rows, std::span<const Moment> moments,
                                     const DetectorOptions& options);
  // Corruption on anything that Snapshot could not have written; InvalidArgument for another width;
  // NotFound where its shared forest is not among options.calibrated.saved_forests.
  static Result<CalibratedModel> Restore(std::string_view blob, const DetectorOptions& options);
  std::string Snapshot() const;

  Surprises SurpriseOf(const std::array<double, kComponents>& components) const;
  // The residual forest's score; 0.5 where the forest is switched off.
  double ForestScore(std::span<const double> residuals) const;
  ModelInfo Info() const;
  void Share(const std::shared_ptr<const SharedForest>& shared);
  Result<void> LoadForest(BlobReader& in, const CalibratedOptions& options);  // after the rules

  std::uint64_t id = 0;  // the checksum of its snapshot: a stream belongs to one model
  size_t rows = 0;       // that it was trained on
  std::vector<MetricRule> rules;
  std::array<SurpriseTable, kComponents> tables;
  std::shared_ptr<const IsolationForest> forest;  // null: switched off
  std::uint64_t shared_forest = 0;                // the id of `forest`; 0: nobody else has it
  PrincipalSpace slow_space;                      // of deviations from the slow memory
  PrincipalSpace season_space;                    // and from the time of day
  EntityStream start;                             // where the training window ends
};

}  // namespace aiops
