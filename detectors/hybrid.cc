#include "detectors/hybrid.h"

#include <algorithm>
#include <cmath>

namespace aiops {
namespace {

const double kBelowOne = std::nextafter(1.0, 0.0);

}  // namespace

double PresentShare(std::span<const double> x) {
  if (x.empty()) return 0;
  const auto present = std::count_if(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
  return static_cast<double>(present) / static_cast<double>(x.size());
}

Result<CoveredRows> SelectCovered(MatrixView window, size_t width, double least) {
  if (window.cols != width)
    return InvalidArgument("training rows have " + std::to_string(window.cols) + " features, not " +
                           std::to_string(width));
  CoveredRows out;
  out.width = width;
  for (size_t i = 0; i < window.rows; ++i) {
    const auto row = window.Row(i);
    if (!IsCovered(PresentShare(row), least)) continue;
    out.values.insert(out.values.end(), row.begin(), row.end());
    out.places.push_back(i);
  }
  return out;
}

Verdict HybridVerdict(const HybridEvidence& evidence) {
  if (evidence.forest_critical) return Verdict::kCritical;
  if (evidence.forest_warning || evidence.ewma_anomalies >= 2) return Verdict::kWarning;
  return evidence.ewma_anomalies == 1 ? Verdict::kLogOnly : Verdict::kNormal;
}

Gate SilencingGate(std::span<const FeatureScore> features, const HybridEvidence& evidence) {
  HybridEvidence ungated = evidence;
  const FeatureScore* strongest = nullptr;
  for (const FeatureScore& feature : features) {
    if (feature.gate == Gate::kNone) continue;
    ++ungated.ewma_anomalies;
    if (strongest == nullptr || std::abs(feature.z) > std::abs(strongest->z)) strongest = &feature;
  }
  const bool graver = HybridVerdict(ungated) > HybridVerdict(evidence);
  return graver ? strongest->gate : Gate::kNone;
}

double EwmaPart(std::span<const FeatureScore> features) {
  double first = 0;
  double second = 0;
  for (const FeatureScore& feature : features) {
    second = std::max(second, std::min(first, feature.contribution));
    first = std::max(first, feature.contribution);
  }
  if (second >= 1) return second;
  return std::min((std::min(first, 1.0) + second) / 2, kBelowOne);
}

double ForestPart(double score, double median, double warning) {
  const bool degenerate = !(warning > median);
  const double part = degenerate ? score / warning : (score - median) / (warning - median);
  return score > warning ? std::max(part, 1.0) : std::clamp(part, 0.0, kBelowOne);
}

}  // namespace aiops
