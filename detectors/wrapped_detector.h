// WrappedDetector: a detector that passes everything on to another, for those that change one thing
// about it. Internal to detectors/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detectors/detector.h"

namespace aiops {

class WrappedDetector : public Detector {
 public:
  explicit WrappedDetector(std::unique_ptr<Detector> inner) : inner_(std::move(inner)) {}

  Result<void> Fit(MatrixView samples, std::span<const Moment> moments) override {
    return inner_->Fit(samples, moments);
  }
  Score Judge(std::span<const double> x, const Moment& at) const override {
    return inner_->Judge(x, at);
  }
  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override {
    inner_->Learn(x, at, score, flags);
  }
  // The other must be wrapped likewise, as MakeDetector does for the same options.
  void Adopt(const Detector& fitted) override {
    const auto* other = dynamic_cast<const WrappedDetector*>(&fitted);
    AIOPS_CHECK(other != nullptr);
    inner_->Adopt(*other->inner_);
  }
  void Mark(const Moment& at, bool expected, double score) override {
    inner_->Mark(at, expected, score);
  }
  ModelInfo model() const override { return inner_->model(); }
  std::string SnapshotState() const override { return inner_->SnapshotState(); }
  std::string SnapshotModel() const override { return inner_->SnapshotModel(); }
  Result<void> RestoreState(std::string_view blob) override { return inner_->RestoreState(blob); }
  Result<void> RestoreModel(std::string_view blob) override { return inner_->RestoreModel(blob); }

 protected:
  std::unique_ptr<Detector> inner_;
};

// Screens values that are none before the inner detector sees them: outside of a rule's range, or
// counted by too few events. They are shown with their gate.
std::unique_ptr<Detector> MakeScreened(std::unique_ptr<Detector> inner,
                                       std::vector<FeatureRule> rules);
bool Screens(const FeatureRule& rule);
// What is left of all rows; as they are if their width is another one, which a fit refuses.
std::vector<double> ScreenedRows(MatrixView samples, const std::vector<FeatureRule>& rules);

// Holds a WARNING back, as log_only with the gate kPersistence, until `samples` in a row were in
// alert. CRITICAL is told at once. The count is not kept over a restart.
std::unique_ptr<Detector> MakePersistent(std::unique_ptr<Detector> inner, int samples);

}  // namespace aiops
