#include "pipeline/summary.h"

#include <algorithm>

#include "model/band.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr size_t kMostNamed = 3;
constexpr double kLeastShare = 0.001;  // of the evidence: below, a feature only stands by

// Of every feature, the greatest share first.
std::vector<Contribution> Ranked(const Scope& scope, const Score& score) {
  std::vector<Contribution> out;
  double total = 0;
  for (size_t i = 0; i < std::min(scope.features.size(), score.features.size()); ++i) {
    const FeatureScore& f = score.features[i];
    const double evidence = std::max(f.contribution, 0.0);
    total += evidence;
    out.push_back({scope.features[i].name, scope.features[i].unit, f.value, f.expected, f.lower,
                   f.upper, evidence, f.gate});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  if (total > 0)
    for (auto& c : out) c.share /= total;
  return out;
}

}  // namespace

std::vector<Contribution> Contributions(const Scope& scope, const Score& score, size_t most) {
  std::vector<Contribution> out = Ranked(scope, score);
  std::erase_if(out, [](const Contribution& c) { return !(c.share >= kLeastShare); });
  if (out.size() > most) out.resize(most);
  return out;
}

std::vector<Contribution> MainFeatures(const Scope& scope, const Score& score) {
  if (score.verdict == Verdict::kUnknown) return {};
  std::vector<Contribution> out = Ranked(scope, score);
  std::erase_if(out, [](const Contribution& c) { return !IsOutside(c.value, c.lower, c.upper); });
  if (out.size() > kMostNamed) out.resize(kMostNamed);
  const bool alarming = score.verdict >= Verdict::kWarning || score.gate != Gate::kNone;
  return out.empty() && alarming ? Contributions(scope, score, kMostNamed) : out;
}

std::string FeatureText(const Contribution& c, std::string_view remark) {
  std::string beside = BandText(c.lower, c.upper, c.unit);
  if (!beside.empty()) beside.insert(0, "expected ");
  if (!remark.empty()) beside += (beside.empty() ? "" : "; ") + std::string(remark);
  return c.feature + " " + HumanNumber(c.value, c.unit) +
         (beside.empty() ? "" : " (" + beside + ")");
}

std::string LearnedSummary(const std::vector<Contribution>& contributions) {
  std::string out;
  for (const Contribution& c : Deviating(contributions, kMostNamed))
    out += (out.empty() ? "" : ", ") + FeatureText(c);
  return out.empty() ? CombinationText(contributions, kMostNamed) : out;
}

}  // namespace aiops
