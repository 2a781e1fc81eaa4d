// SharedForest: one Isolation Forest over the residuals of many entities
// (docs/isolation-forest.md).
//
// Residuals are in units of their metric's floor, so that one entity's are like another's. Whoever
// judges by it keeps a calibration of its own. Immutable, so that threads may share it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detectors/detector.h"
#include "detectors/isolation_forest.h"
#include "detectors/matrix_view.h"
#include "detectors/random.h"

namespace aiops {

class SharedForest {
 public:
  // Errors: as IsolationForest::Fit.
  static Result<std::shared_ptr<const SharedForest>> Fit(MatrixView residuals,
                                                         const IsolationForestOptions& options);
  // Corruption on anything that Snapshot could not have written.
  static Result<std::shared_ptr<const SharedForest>> Restore(std::string_view blob);
  std::string Snapshot() const;

  std::uint64_t id() const { return id_; }  // the checksum of its snapshot: models name it
  const IsolationForest& forest() const { return forest_; }

 private:
  explicit SharedForest(IsolationForest forest);

  IsolationForest forest_;
  std::uint64_t id_ = 0;
};

inline constexpr size_t kResidualsAMetric = 3;

// What such a forest is fitted on: `count` rows of residuals, or as many as there are, drawn
// without replacement from a training window of one entity (as Detector::Fit gets it).
// InvalidArgument where nothing could be calibrated on that window either.
Result<std::vector<double>> DrawResiduals(MatrixView samples, std::span<const Moment> moments,
                                          const DetectorOptions& options, size_t count,
                                          Xoshiro256pp& random);

}  // namespace aiops
