#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/ewma.h"
#include "detectors/forest_model.h"
#include "detectors/hybrid.h"
#include "model/sample.h"

namespace aiops {
namespace {

constexpr double kLevelWeight = 0.4;               // of the newest score
constexpr std::uint32_t kStateMagic = 0x01535741;  // "AWS", version 1

class HybridDetector final : public Detector {
 public:
  explicit HybridDetector(const DetectorOptions& options)
      : options_(options), ewma_(options.ewma, options.features) {}

  Result<void> Fit(MatrixView samples, std::span<const Moment> moments) override;
  Score Judge(std::span<const double> x, const Moment& at) const override;
  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override;
  void Adopt(const Detector& fitted) override;
  void Mark(const Moment&, bool, double) override {}  // it knows no time of day
  ModelInfo model() const override { return model_ ? model_->Info() : ModelInfo{}; }
  std::string SnapshotState() const override;
  std::string SnapshotModel() const override { return model_ ? model_->Snapshot() : ""; }
  Result<void> RestoreState(std::string_view blob) override;
  Result<void> RestoreModel(std::string_view blob) override;

 private:
  double Warmup(std::span<const double> x) const;
  void JudgeWarm(std::span<const double> x, Score& score) const;
  double JudgeForest(std::span<const double> x, Score& score) const;
  bool Covered(double share) const { return IsCovered(share, options_.min_coverage); }

  DetectorOptions options_;
  Ewma ewma_;
  double level_ = kMissing;
  std::shared_ptr<const ForestModel>
      model_;  // never changes: detectors in other threads may share it
};

Result<void> HybridDetector::Fit(MatrixView samples, std::span<const Moment> /*moments*/) {
  AIOPS_TRY(const CoveredRows usable, SelectCovered(samples, ewma_.width(), options_.min_coverage));
  AIOPS_TRY(auto fitted, ForestModel::Fit(usable.view(), options_.forest));
  model_ = std::make_shared<const ForestModel>(std::move(fitted));
  return {};
}

Score HybridDetector::Judge(std::span<const double> x, const Moment& /*at*/) const {
  Score score;
  score.features = ewma_.Judge(x);
  score.coverage = PresentShare(x);
  score.warmup = Warmup(x);
  if (!Covered(score.coverage)) {
    score.gate = Gate::kCoverage;
  } else if (score.warmup < 1) {
    score.gate = Gate::kWarmup;
  } else {
    JudgeWarm(x, score);
  }
  return score;
}

// A model judges at once. Without: the k-th warmest present feature, where k features are the
// minimum coverage.
double HybridDetector::Warmup(std::span<const double> x) const {
  if (model_) return 1;
  std::vector<double> progress;
  for (size_t i = 0; i < x.size(); ++i) {
    const double learned = ewma_.samples(i);
    if (std::isfinite(x[i])) progress.push_back(std::min(1.0, learned / options_.ewma.warmup));
  }
  const double wanted = std::ceil(options_.min_coverage * static_cast<double>(x.size()) - 1e-9);
  const auto k = static_cast<size_t>(std::max(1.0, wanted));
  if (progress.size() < k) return 0;
  std::nth_element(progress.begin(), progress.begin() + k - 1, progress.end(), std::greater<>());
  return progress[k - 1];
}

void HybridDetector::JudgeWarm(std::span<const double> x, Score& score) const {
  HybridEvidence evidence;
  for (const FeatureScore& feature : score.features)
    evidence.ewma_anomalies += feature.anomalous ? 1 : 0;
  score.ewma_anomalies = evidence.ewma_anomalies;
  score.score = EwmaPart(score.features);
  if (model_) {
    const double forest = JudgeForest(x, score);
    score.score = std::max(score.score, forest);
    evidence.forest_warning = score.forest > score.forest_warning;
    evidence.forest_critical = score.forest > score.forest_critical;
  }
  score.verdict = HybridVerdict(evidence);
  score.gate = SilencingGate(score.features, evidence);
  score.level =
      IsMissing(level_) ? score.score : kLevelWeight * score.score + (1 - kLevelWeight) * level_;
}

// Returns the forest's part of the score, and shares it out among the features as contributions.
double HybridDetector::JudgeForest(std::span<const double> x, Score& score) const {
  std::vector<double> evidence(x.size());
  score.forest = model_->forest().Explain(x, evidence);
  score.forest_warning = model_->warning();
  score.forest_critical = model_->critical();
  const double part = ForestPart(score.forest, model_->median(), model_->warning());
  const double total = std::accumulate(evidence.begin(), evidence.end(), 0.0);
  for (size_t i = 0; total > 0 && i < x.size(); ++i)
    score.features[i].contribution += part * evidence[i] / total;
  return part;
}

void HybridDetector::Learn(std::span<const double> x, const Moment& /*at*/, const Score& score,
                           std::uint32_t flags) {
  if (!IsMissing(score.level)) level_ = score.level;
  if ((flags & kNeverLearned) == 0) ewma_.Learn(x);
}

void HybridDetector::Adopt(const Detector& fitted) {
  const auto* other = dynamic_cast<const HybridDetector*>(&fitted);
  AIOPS_CHECK(other != nullptr && other->ewma_.width() == ewma_.width());
  model_ = other->model_;
}

std::string HybridDetector::SnapshotState() const {
  BlobWriter out(kStateMagic);
  ewma_.Save(out);
  out.F64(level_);
  return out.Finish();
}

Result<void> HybridDetector::RestoreState(std::string_view blob) {
  AIOPS_TRY(auto in, BlobReader::Open(blob, kStateMagic, "detector state"));
  Ewma loaded(options_.ewma, options_.features);
  AIOPS_TRY_VOID(loaded.Load(in));
  const double level = in.F64();
  if (!in.ok() || in.left() != 0 || level < 0 || std::isinf(level))
    return Corruption("detector state: impossible level");
  ewma_ = std::move(loaded);
  level_ = level;
  return {};
}

Result<void> HybridDetector::RestoreModel(std::string_view blob) {
  AIOPS_TRY(auto loaded, ForestModel::Restore(blob));
  if (loaded.forest().width() != ewma_.width())
    return InvalidArgument("the saved forest has " + std::to_string(loaded.forest().width()) +
                           " features, not " + std::to_string(ewma_.width()));
  model_ = std::make_shared<const ForestModel>(std::move(loaded));
  return {};
}

}  // namespace

std::unique_ptr<Detector> MakeHybridDetector(const DetectorOptions& options) {
  return std::make_unique<HybridDetector>(options);
}

}  // namespace aiops
