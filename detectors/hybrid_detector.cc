#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/ewma.h"
#include "detectors/hybrid.h"
#include "model/sample.h"

namespace aiops {
namespace {

constexpr double kLevelWeight = 0.4;               // of the newest score
constexpr std::uint32_t kStateMagic = 0x01535741;  // "AWS", version 1
constexpr std::uint32_t kNeverLearned = kPartial | kMaintenance | kConfirmedReal | kMuted;

double PresentShare(std::span<const double> x) {
  if (x.empty()) return 0;
  const auto present = std::count_if(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
  return static_cast<double>(present) / static_cast<double>(x.size());
}

class HybridDetector final : public Detector {
 public:
  explicit HybridDetector(const DetectorOptions& options)
      : options_(options), ewma_(options.ewma, options.features) {}

  Result<void> Fit(MatrixView samples) override;
  Score Judge(std::span<const double> x) const override;
  void Learn(std::span<const double> x, const Score& score, std::uint32_t flags) override;
  void Adopt(const Detector& fitted) override;
  ModelInfo model() const override { return {}; }
  std::string SnapshotState() const override;
  std::string SnapshotModel() const override { return {}; }
  Result<void> RestoreState(std::string_view blob) override;
  Result<void> RestoreModel(std::string_view blob) override;

 private:
  double Warmup(std::span<const double> x) const;
  void JudgeWarm(Score& score) const;
  bool Covered(double share) const { return share > 0 && share >= options_.min_coverage - 1e-9; }

  DetectorOptions options_;
  Ewma ewma_;
  double level_ = kMissing;
};

Result<void> HybridDetector::Fit(MatrixView) { return Unavailable("no model part"); }
void HybridDetector::Adopt(const Detector&) {}
Result<void> HybridDetector::RestoreModel(std::string_view) { return Unavailable("no model part"); }

Score HybridDetector::Judge(std::span<const double> x) const {
  Score score;
  score.features = ewma_.Judge(x);
  score.coverage = PresentShare(x);
  score.warmup = Warmup(x);
  if (!Covered(score.coverage)) {
    score.gate = Gate::kCoverage;
  } else if (score.warmup < 1) {
    score.gate = Gate::kWarmup;
  } else {
    JudgeWarm(score);
  }
  return score;
}

// The k-th warmest present feature, where k features are the minimum coverage.
double HybridDetector::Warmup(std::span<const double> x) const {
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

void HybridDetector::JudgeWarm(Score& score) const {
  HybridEvidence evidence;
  for (const FeatureScore& feature : score.features)
    score.ewma_anomalies += feature.anomalous ? 1 : 0;
  evidence.ewma_anomalies = score.ewma_anomalies;
  score.verdict = HybridVerdict(evidence);
  score.score = EwmaPart(score.features);
  score.level =
      IsMissing(level_) ? score.score : kLevelWeight * score.score + (1 - kLevelWeight) * level_;
}

void HybridDetector::Learn(std::span<const double> x, const Score& score, std::uint32_t flags) {
  if (!IsMissing(score.level)) level_ = score.level;
  if ((flags & kNeverLearned) == 0) ewma_.Learn(x);
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

}  // namespace

std::unique_ptr<Detector> MakeHybridDetector(const DetectorOptions& options) {
  return std::make_unique<HybridDetector>(options);
}

}  // namespace aiops
