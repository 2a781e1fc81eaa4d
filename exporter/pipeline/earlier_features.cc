#include "pipeline/earlier_features.h"

#include <algorithm>
#include <utility>

namespace aiops {
namespace {

constexpr size_t kNowhere = static_cast<size_t>(-1);

size_t PlaceOf(const std::string& name, const Scope& scope) {
  const auto found = std::find_if(scope.features.begin(), scope.features.end(),
                                  [&](const Feature& feature) { return feature.name == name; });
  return found == scope.features.end() ? kNowhere
                                       : static_cast<size_t>(found - scope.features.begin());
}

class EarlierFeatures final : public Detector {
 public:
  EarlierFeatures(std::unique_ptr<Detector> now, const Scope& today, std::unique_ptr<Detector> then,
                  const Scope& earlier)
      : now_(std::move(now)), then_(std::move(then)), then_width_(earlier.features.size()) {
    for (const Feature& feature : today.features) place_.push_back(PlaceOf(feature.name, earlier));
  }

  Result<void> Fit(MatrixView samples, std::span<const Moment> moments) override {
    return now_->Fit(samples, moments);
  }

  Score Judge(std::span<const double> x, const Moment& at) const override {
    Score score = now_->Judge(x, at);
    if (!then_) return score;
    Score judged = then_->Judge(Then(x), at);
    if (judged.verdict == Verdict::kUnknown) return score;
    for (size_t f = 0; f < place_.size(); ++f)
      if (place_[f] != kNowhere) score.features[f] = judged.features[place_[f]];
    judged.features = std::move(score.features);
    return judged;
  }

  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override {
    if (!then_) return now_->Learn(x, at, score, flags);
    now_->Learn(x, at, now_->Judge(x, at), flags);
    const auto then = Then(x);
    then_->Learn(then, at, then_->Judge(then, at), flags);
  }

  void Adopt(const Detector& fitted) override {
    now_->Adopt(fitted);
    then_.reset();
  }

  void Mark(const Moment& at, bool expected, double score) override {
    now_->Mark(at, expected, score);
    if (then_) then_->Mark(at, expected, score);
  }

  ModelInfo model() const override { return Judging().model(); }
  std::string SnapshotState() const override { return now_->SnapshotState(); }
  std::string SnapshotModel() const override { return Judging().SnapshotModel(); }
  Result<void> RestoreState(std::string_view blob) override { return now_->RestoreState(blob); }
  Result<void> RestoreModel(std::string_view blob) override {
    AIOPS_TRY_VOID(now_->RestoreModel(blob));
    then_.reset();
    return {};
  }

 private:
  const Detector& Judging() const { return then_ ? *then_ : *now_; }

  std::vector<double> Then(std::span<const double> x) const {
    std::vector<double> then(then_width_, kMissing);
    for (size_t f = 0; f < place_.size(); ++f)
      if (place_[f] != kNowhere) then[place_[f]] = x[f];
    return then;
  }

  std::unique_ptr<Detector> now_;
  std::unique_ptr<Detector> then_;  // null once a model of today's was adopted
  size_t then_width_;
  std::vector<size_t> place_;  // of today's features among the earlier ones
};

}  // namespace

Scope ScopeOf(const Scope& today, const std::vector<std::string>& names) {
  Scope earlier = today;
  earlier.features.clear();
  for (const std::string& name : names) {
    const size_t place = PlaceOf(name, today);
    earlier.features.push_back(place == kNowhere ? Feature{.name = name} : today.features[place]);
  }
  return earlier;
}

std::unique_ptr<Detector> JudgeByEarlierFeatures(std::unique_ptr<Detector> now, const Scope& today,
                                                 std::unique_ptr<Detector> then,
                                                 const Scope& earlier) {
  return std::make_unique<EarlierFeatures>(std::move(now), today, std::move(then), earlier);
}

}  // namespace aiops
