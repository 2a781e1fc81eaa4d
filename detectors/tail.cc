#include "detectors/tail.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace aiops {
namespace {

constexpr double kLeastScale = 0.05;  // of u - median

double SortedQuantile(std::span<const double> sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

Tail SortedTail(std::span<const double> sorted) {
  Tail tail;
  tail.from = SortedQuantile(sorted, kTailFrom);
  const auto beyond = std::upper_bound(sorted.begin(), sorted.end(), tail.from) - sorted.begin();
  const auto excesses = sorted.subspan(static_cast<size_t>(beyond));
  if (!excesses.empty()) {
    tail.median = SortedQuantile(excesses, 0.5) - tail.from;
    tail.two_thirds = SortedQuantile(excesses, 2.0 / 3) - tail.from;
  }
  const double least = kLeastScale * (tail.from - SortedQuantile(sorted, 0.5));
  tail.median = std::max(tail.median, least * std::numbers::ln2);
  return tail;
}

}  // namespace

double Tail::At(double k) const {
  static const double kRatio = std::log(3.0) / std::numbers::ln2;
  return from + k * std::max(median, two_thirds / kRatio);
}

Tail TailOf(std::vector<double> values) {
  AIOPS_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  return SortedTail(values);
}

SurpriseTable::SurpriseTable(const std::vector<double>& values, double least_scale) {
  AIOPS_CHECK(!values.empty());
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < kKnots; ++i)
    knots_[i] = static_cast<float>(
        SortedQuantile(sorted, kTailFrom * static_cast<double>(i) / (kKnots - 1)));
  const bool spoke = SortedQuantile(sorted, 0.5) > 0;
  if (!spoke && least_scale <= 0) return;
  scale_ = std::max(SortedTail(sorted).median / std::numbers::ln2, spoke ? 1e-9 : least_scale);
}

double SurpriseTable::Surprise(double value) const {
  if (silent()) return 0;
  const double from = knots_.back();
  if (value > from)
    return std::min(-std::log(1 - kTailFrom) + (value - from) / scale_, kMostSurprise);
  const auto knot = std::lower_bound(knots_.begin(), knots_.end(), value);
  double below = static_cast<double>(knot - knots_.begin());
  if (knot != knots_.begin()) below += (value - knot[-1]) / (*knot - knot[-1]) - 1;
  return -std::log1p(-kTailFrom * below / (kKnots - 1));
}

void SurpriseTable::Save(BlobWriter& out) const {
  for (const float knot : knots_) out.F32(knot);
  out.F64(scale_);
}

Result<SurpriseTable> SurpriseTable::Load(BlobReader& in) {
  SurpriseTable table;
  for (float& knot : table.knots_) knot = in.F32();
  table.scale_ = in.F64();
  bool sane = in.ok() && std::isfinite(table.scale_) && table.scale_ >= 0;
  for (size_t i = 0; i < kKnots; ++i)
    sane = sane && std::isfinite(table.knots_[i]) &&
           (i == 0 || table.knots_[i - 1] <= table.knots_[i]);
  if (!sane) return Corruption("an impossible table of surprise");
  return table;
}

}  // namespace aiops
