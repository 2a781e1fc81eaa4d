#include <algorithm>
#include <cmath>

#include "detectors/wrapped_detector.h"

namespace aiops {
namespace {

Gate GateOf(const std::vector<FeatureRule>& rules, std::span<const double> x, size_t j) {
  const FeatureRule& rule = rules[j];
  if (!std::isfinite(x[j])) return Gate::kNone;
  if (x[j] < rule.least || x[j] > rule.most) return Gate::kRange;
  const bool counted = rule.counted_by < x.size() && std::isfinite(x[rule.counted_by]);
  return counted && x[rule.counted_by] < rule.min_count ? Gate::kMinCount : Gate::kNone;
}

std::vector<double> Screened(const std::vector<FeatureRule>& rules, std::span<const double> x) {
  std::vector<double> out(x.begin(), x.end());
  for (size_t j = 0; j < std::min(out.size(), rules.size()); ++j)
    if (GateOf(rules, x, j) != Gate::kNone) out[j] = kMissing;
  return out;
}

class ScreenedDetector final : public WrappedDetector {
 public:
  ScreenedDetector(std::unique_ptr<Detector> inner, std::vector<FeatureRule> rules)
      : WrappedDetector(std::move(inner)), rules_(std::move(rules)) {}

  Result<void> Fit(MatrixView samples, std::span<const Moment> moments) override {
    const std::vector<double> screened = ScreenedRows(samples, rules_);
    return inner_->Fit({screened.data(), samples.rows, samples.cols}, moments);
  }

  Score Judge(std::span<const double> x, const Moment& at) const override {
    Score score = inner_->Judge(Screened(rules_, x), at);
    for (size_t j = 0; j < rules_.size(); ++j) {
      const Gate gate = GateOf(rules_, x, j);
      if (gate == Gate::kNone) continue;
      score.features[j].value = x[j];
      score.features[j].gate = gate;
    }
    return score;
  }

  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override {
    inner_->Learn(Screened(rules_, x), at, score, flags);
  }

 private:
  const std::vector<FeatureRule> rules_;
};

}  // namespace

std::vector<double> ScreenedRows(MatrixView samples, const std::vector<FeatureRule>& rules) {
  std::vector<double> out;
  out.reserve(samples.rows * samples.cols);
  for (size_t i = 0; i < samples.rows; ++i) {
    const auto row = samples.cols == rules.size()
                         ? Screened(rules, samples.Row(i))
                         : std::vector<double>(samples.Row(i).begin(), samples.Row(i).end());
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

bool Screens(const FeatureRule& rule) {
  return std::isfinite(rule.least) || std::isfinite(rule.most) ||
         (rule.min_count > 0 && rule.counted_by != FeatureRule::kNotCounted);
}

std::unique_ptr<Detector> MakeScreened(std::unique_ptr<Detector> inner,
                                       std::vector<FeatureRule> rules) {
  return std::make_unique<ScreenedDetector>(std::move(inner), std::move(rules));
}

}  // namespace aiops
