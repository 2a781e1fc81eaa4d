#include "detectors/ewma.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace aiops {
namespace {

constexpr double kLargest = 1e300;  // sums, differences and multiples of it stay finite
constexpr double kLargestZ = 1e9;
constexpr std::uint32_t kMostSamples = 1u << 30;

double Bounded(double x) { return std::clamp(x, -kLargest, kLargest); }

bool Harmless(Direction direction, double deviation) {
  return (direction == Direction::kUp && deviation < 0) ||
         (direction == Direction::kDown && deviation > 0);
}

}  // namespace

double SoftenEvidence(double u) { return u <= 1 ? u : 1 + std::log(u); }

Ewma::Ewma(const EwmaOptions& options, std::vector<FeatureRule> rules)
    : options_(options), rules_(std::move(rules)), state_(rules_.size()) {
  AIOPS_CHECK(options.lambda > 0 && options.lambda <= 1);
  AIOPS_CHECK(options.sigma > 0 && std::isfinite(options.sigma));
  AIOPS_CHECK(options.warmup >= 1);
}

std::vector<FeatureScore> Ewma::Judge(std::span<const double> x) const {
  AIOPS_CHECK(x.size() == width());
  std::vector<FeatureScore> scores;
  scores.reserve(width());
  for (size_t i = 0; i < width(); ++i) scores.push_back(JudgeOne(x[i], state_[i], rules_[i]));
  return scores;
}

void Ewma::Learn(std::span<const double> x) {
  AIOPS_CHECK(x.size() == width());
  for (size_t i = 0; i < width(); ++i)
    if (std::isfinite(x[i])) LearnOne(Bounded(x[i]), state_[i]);
}

FeatureScore Ewma::JudgeOne(double x, const State& state, const FeatureRule& rule) const {
  FeatureScore score;
  if (std::isfinite(x)) score.value = x;
  if (!Warm(state)) return score;
  const double spread = Spread(state);
  score.expected = state.mean;
  score.lower = state.mean - options_.sigma * spread;
  score.upper = state.mean + options_.sigma * spread;
  if (IsMissing(score.value)) return score;

  const double deviation = Bounded(x) - state.mean;
  score.z = std::clamp(deviation / spread, -kLargestZ, kLargestZ);
  const double beyond = std::abs(score.z) / options_.sigma;
  double evidence = beyond;
  if (const double least = rule.LeastDeviation(state.mean); least > 0)
    evidence = std::min(evidence, std::abs(deviation) / least);
  if (Harmless(rule.direction, deviation)) evidence = 0;
  score.contribution = SoftenEvidence(evidence);
  score.anomalous = evidence >= 1;
  if (beyond >= 1 && !score.anomalous)
    score.gate = Harmless(rule.direction, deviation) ? Gate::kDirection : Gate::kMinDeviation;
  return score;
}

void Ewma::LearnOne(double x, State& state) const {
  double error = x - state.mean;
  double weight = options_.lambda;
  if (Warm(state)) {
    const double limit = options_.sigma * Spread(state);
    error = std::clamp(error, -limit, limit);
  } else {
    weight = 1.0 / (state.samples + 1.0);
  }
  state.mean = Bounded(state.mean + weight * error);
  // hypot, because the square of a large error overflows.
  state.deviation = std::min(
      std::sqrt(1 - weight) * std::hypot(state.deviation, std::sqrt(weight) * error), kLargest);
  state.samples = std::min(state.samples + 1, kMostSamples);
}

double Ewma::Spread(const State& state) const {
  const double relative = options_.floor_relative * std::abs(state.mean);
  return std::max(
      {state.deviation, relative, options_.floor_absolute, std::numeric_limits<double>::min()});
}

bool Ewma::Warm(const State& state) const {
  return state.samples >= static_cast<std::uint32_t>(options_.warmup);
}

void Ewma::Save(BlobWriter& out) const {
  out.U32(static_cast<std::uint32_t>(width()));
  for (const State& state : state_) {
    out.U32(state.samples);
    out.F64(state.mean);
    out.F64(state.deviation);
  }
}

Result<void> Ewma::Load(BlobReader& in) {
  const std::uint32_t saved_width = in.U32();
  if (in.ok() && saved_width != width())
    return InvalidArgument("the saved state has " + std::to_string(saved_width) +
                           " features, not " + std::to_string(width()));
  std::vector<State> loaded(width());
  for (State& state : loaded) {
    state.samples = in.U32();
    state.mean = in.F64();
    state.deviation = in.F64();
    const bool sane = state.samples <= kMostSamples && std::abs(state.mean) <= kLargest &&
                      state.deviation >= 0 && state.deviation <= kLargest;
    if (!in.ok() || !sane) return Corruption("the saved state has an impossible mean");
  }
  state_ = std::move(loaded);
  return {};
}

}  // namespace aiops
