#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

#include "detectors/calibrated_model.h"
#include "detectors/detector.h"
#include "detectors/expected_hours.h"
#include "detectors/hybrid.h"

namespace aiops {
namespace {

constexpr std::uint32_t kStateMagic = 0x05535743;  // "CWS", version 5

// One metric alone is never beyond doubt: less than CRITICAL's bar at any sensitivity.
constexpr double kMostLone = 1.5;

// A hybrid detector without a forest judges alone until there is a model; then it goes on telling
// what each feature was expected to be.
class CalibratedDetector final : public Detector {
 public:
  explicit CalibratedDetector(const DetectorOptions& options)
      : options_(options),
        warning_rule_{1, Without(Part::kRunBudget) ? 0 : 0.03, hours(24)},
        critical_rule_{1.75, Without(Part::kRunBudget) ? 0 : 0.5, hours(7 * 24)},
        plain_(MakeHybridDetector(options)) {}

  Result<void> Fit(MatrixView samples, std::span<const Moment> moments) override;
  Score Judge(std::span<const double> x, const Moment& at) const override;
  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override;
  void Adopt(const Detector& fitted) override;
  void Mark(const Moment& at, bool expected, double score) override {
    expected_.Mark(at, expected, score);
  }
  ModelInfo model() const override { return model_ ? model_->Info() : ModelInfo{}; }
  std::string SnapshotState() const override;
  std::string SnapshotModel() const override { return model_ ? model_->Snapshot() : ""; }
  Result<void> RestoreState(std::string_view blob) override;
  Result<void> RestoreModel(std::string_view blob) override;

 private:
  void JudgeCalibrated(std::span<const double> x, const Moment& at, Score& score) const;
  // v: what the gates say, or one metric that stays strange all alone.
  double Strength(const StreamReading& reading, const GateValues& gates) const {
    const double lone = Without(Part::kLone) ? 0 : std::min(reading.deviations.lone, kMostLone);
    return options_.calibrated.gain * std::max(stream_.joint.Score(gates), lone);
  }
  // What v must exceed; WARNING also divides it, so that a score of 1 is the threshold.
  double WarningBar(const Moment& at) const {
    return std::max(stream_.warnings.Bar(at.time, warning_rule_), expected_.Bar(at));
  }
  Memories memories() const { return Memories::For(options_.calibrated); }
  bool Without(Part part) const {
    return options_.calibrated.without.test(static_cast<size_t>(part));
  }

  DetectorOptions options_;
  RunRule warning_rule_;
  RunRule critical_rule_;
  std::unique_ptr<Detector> plain_;
  std::shared_ptr<const CalibratedModel> model_;
  EntityStream stream_;             // means something only with its model
  std::uint64_t stream_model_ = 0;  // the id of that model; 0: none
  ExpectedHours expected_;
};

Result<void> CalibratedDetector::Fit(MatrixView samples, std::span<const Moment> moments) {
  AIOPS_TRY(const UsableRows usable, SelectUsable(samples, moments, options_));
  AIOPS_TRY(auto fitted, CalibratedModel::Fit(usable.rows.view(), usable.moments, options_));
  model_ = std::make_shared<const CalibratedModel>(std::move(fitted));
  stream_ = model_->start;
  stream_model_ = model_->id;
  return {};
}

Score CalibratedDetector::Judge(std::span<const double> x, const Moment& at) const {
  Score score = plain_->Judge(x, at);
  if (!model_ || score.gate == Gate::kCoverage) return score;
  JudgeCalibrated(x, at, score);
  return score;
}

void CalibratedDetector::JudgeCalibrated(std::span<const double> x, const Moment& at,
                                         Score& score) const {
  const StreamReading reading = stream_.Look(x, at.of_week, *model_);
  const Surprises surprises = model_->SurpriseOf(reading.components);
  const GateValues gates = stream_.joint.Look(surprises, options_.calibrated.interval);
  const double v = Strength(reading, gates);
  score.forest = reading.forest;
  score.warmup = 1;
  score.score = v / WarningBar(at);
  score.level = gates.level.Value();
  const bool alert = score.score > 1;
  // What a feature did while nothing else was strange explains no anomaly.
  const double weight = score.score / (1 + score.score);
  score.ewma_anomalies = 0;
  for (size_t j = 0; j < x.size(); ++j) {
    FeatureScore& feature = score.features[j];
    feature.contribution = weight * reading.deviations.evidence[j];
    feature.anomalous = feature.anomalous && alert;
    score.ewma_anomalies += feature.anomalous ? 1 : 0;
  }
  score.verdict = HybridVerdict(
      {.forest_warning = alert,
       .forest_critical = score.score > stream_.criticals.Bar(at.time, critical_rule_),
       .ewma_anomalies = score.ewma_anomalies});
  const Gate held = v <= expected_.Bar(at) ? Gate::kExpected : Gate::kRunBudget;
  score.gate = v > 1 && !alert ? held : Gate::kNone;
}

void CalibratedDetector::Learn(std::span<const double> x, const Moment& at, const Score& score,
                               std::uint32_t flags) {
  plain_->Learn(x, at, score, flags);
  if (!model_) return;
  const bool baselines = (flags & kNeverLearned) == 0;
  if (score.gate == Gate::kCoverage) {
    stream_.metrics.Learn(x, at.of_week, model_->rules, baselines);
    return;
  }
  const StreamReading reading = stream_.Look(x, at.of_week, *model_, score.forest);
  const GateValues gates =
      stream_.joint.Look(model_->SurpriseOf(reading.components), options_.calibrated.interval);
  const double v = Strength(reading, gates);
  if ((flags & kBackfill) == 0) {  // nobody was told of the past
    const bool expected = v <= expected_.Bar(at);
    stream_.warnings.Learn(at.time, expected ? 0 : v, warning_rule_);
    stream_.criticals.Learn(at.time, score.score, critical_rule_);
  }
  if (baselines) expected_.Learn(at, v);
  stream_.joint.Learn(gates, at.time, !Without(Part::kRecalibration), baselines);
  stream_.Learn(reading, x, at.of_week, *model_, baselines);
}

void CalibratedDetector::Adopt(const Detector& fitted) {
  const auto* other = dynamic_cast<const CalibratedDetector*>(&fitted);
  AIOPS_CHECK(other != nullptr && other->options_.features.size() == options_.features.size());
  model_ = other->model_;
  const auto told = std::pair(stream_.warnings, stream_.criticals);  // stays told
  stream_ = other->stream_;
  if (stream_model_ != 0) std::tie(stream_.warnings, stream_.criticals) = told;
  stream_model_ = other->stream_model_;
}

std::string CalibratedDetector::SnapshotState() const {
  BlobWriter out(kStateMagic);
  out.Bytes(plain_->SnapshotState());
  out.U64(stream_model_);
  if (stream_model_ != 0) stream_.Save(out);
  expected_.Save(out);
  return out.Finish();
}

Result<void> CalibratedDetector::RestoreState(std::string_view blob) {
  AIOPS_TRY(auto in, BlobReader::Open(blob, kStateMagic, "detector state"));
  const std::string_view plain = in.Bytes();
  const std::uint64_t id = in.U64();
  auto restored = MakeHybridDetector(options_);
  AIOPS_TRY_VOID(restored->RestoreState(plain));
  EntityStream stream;
  if (id != 0) {
    AIOPS_TRY(stream, EntityStream::Load(in, options_.features.size(), memories()));
  }
  ExpectedHours expected;
  AIOPS_TRY_VOID(expected.Load(in));
  if (!in.ok() || in.left() != 0) return Corruption("detector state: of the wrong length");
  plain_ = std::move(restored);
  stream_ = std::move(stream);
  stream_model_ = id;
  expected_ = expected;
  return {};
}

Result<void> CalibratedDetector::RestoreModel(std::string_view blob) {
  AIOPS_TRY(auto loaded, CalibratedModel::Restore(blob, options_));
  model_ = std::make_shared<const CalibratedModel>(std::move(loaded));
  if (stream_model_ == model_->id) return {};
  stream_ = model_->start;
  stream_model_ = model_->id;
  return {};
}

}  // namespace

std::unique_ptr<Detector> MakeCalibratedDetector(const DetectorOptions& options) {
  return std::make_unique<CalibratedDetector>(options);
}

}  // namespace aiops
