#include "pipeline/summary.h"

#include <algorithm>

#include "model/band.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr size_t kMostNamed = 3;

}  // namespace

std::vector<Contribution> Contributions(const Scope& scope, const Score& score, size_t most) {
  std::vector<Contribution> out;
  double total = 0;
  for (size_t i = 0; i < std::min(scope.features.size(), score.features.size()); ++i) {
    const FeatureScore& f = score.features[i];
    if (!(f.contribution > 0)) continue;
    total += f.contribution;
    out.push_back({scope.features[i].name, scope.features[i].unit, f.value, f.expected, f.lower,
                   f.upper, f.contribution});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  for (auto& c : out) c.share /= total;
  if (out.size() > most) out.resize(most);
  return out;
}

std::string LearnedSummary(const std::vector<Contribution>& contributions) {
  std::string out;
  for (const Contribution& c : Deviating(contributions, kMostNamed)) {
    if (!out.empty()) out += ", ";
    out += c.feature + " " + HumanNumber(c.value, c.unit);
    if (!IsMissing(c.lower) && !IsMissing(c.upper))
      out += " (expected " + HumanNumber(c.lower, c.unit) + " to " + HumanNumber(c.upper, c.unit) +
             ")";
  }
  return out.empty() ? CombinationText(contributions, kMostNamed) : out;
}

}  // namespace aiops
