#include "detectors/metric_streams.h"

#include <array>
#include <cmath>
#include <utility>

#include "detectors/forest_model.h"
#include "detectors/principal_space.h"
#include "detectors/tail.h"

namespace aiops {
namespace {

constexpr double kMostDepth = 20;
constexpr double kMostBreadth = 10;
constexpr double kMostEvidence = 10;
constexpr double kMostStrange = 100;
constexpr double kLastingMinutes = 30;
constexpr double kLeastLasting = 10;
constexpr double kOverTraining = 3;
constexpr double kSlowWeight = 3;  // the slow memory's deviation holds the whole day's rhythm

// The mean of the three largest of what was offered, or of all if they are fewer.
class TopThree {
 public:
  void Offer(double v) {
    if (v > top_[2]) top_[2] = v;
    if (top_[2] > top_[1]) std::swap(top_[2], top_[1]);
    if (top_[1] > top_[0]) std::swap(top_[1], top_[0]);
    ++offered_;
  }
  double Mean() const {
    const int n = std::min(offered_, 3);
    return n == 0 ? 0 : (top_[0] + top_[1] + top_[2]) / n;
  }

 private:
  std::array<double, 3> top_{};
  int offered_ = 0;
};

EwmaMemory Over(std::span<const double> values) {
  double mean = 0;
  double square = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values)
    square += (v - mean) * (v - mean) / static_cast<double>(values.size());
  return {static_cast<float>(mean), static_cast<float>(square)};
}

double LeastDeviation(const MetricRule& rule, double expected) {
  const double zero = -rule.units.center / rule.units.floor;
  return std::max(rule.min_deviation, rule.min_relative_deviation * std::abs(expected - zero));
}

bool Harmless(const MetricRule& rule, double x, double expected) {
  const double deviation = x - expected;
  return (rule.direction == Direction::kUp && deviation < 0) ||
         (rule.direction == Direction::kDown && deviation > 0) ||
         std::abs(deviation) < LeastDeviation(rule, expected);
}

// z, 0 for a deviation that the rule holds back.
double Deviation(const MetricRule& rule, const EwmaMemory& memory, double x) {
  return Harmless(rule, x, memory.mean) ? 0 : GuardedEwma::Z(memory, x);
}

// z against the time of day and of the week, 0 for a deviation that the rule holds back.
double SeasonDeviation(const MetricRule& rule, const SeasonProfile& season, size_t slot,
                       double on_any_day, double x) {
  const bool harmless = Harmless(rule, x, x - season.Error(slot, on_any_day));
  return harmless ? 0 : season.Z(slot, on_any_day);
}

// What is strange to one memory alone it has not learned yet.
double Strange(double z_slow, double z_season) {
  return std::min({kSlowWeight * std::abs(z_slow), std::abs(z_season), kMostStrange});
}

double LeastLasting(const MetricRule& rule) {
  return std::max(kOverTraining * rule.most_lasting, kLeastLasting);
}

double Depth(const MetricRule& rule, const EwmaMemory& memory, double x) {
  return std::abs(Deviation(rule, memory, x));
}

}  // namespace

Memories Memories::For(const CalibratedOptions& options) {
  const double step = std::max(Seconds(options.interval) / 60, 1e-3);
  return {{.lambda = 0.2, .guard = 3},
          {.lambda = std::min(0.2, 0.01 * step), .guard = 3},
          {.lambda = std::min(0.2, 0.001 * step), .guard = 4},
          !options.without.test(static_cast<size_t>(Part::kWeekday)),
          1 - std::exp(-step / kLastingMinutes)};
}

MetricStreams::MetricStreams(MatrixView rows, const Memories& memories,
                             std::vector<MetricRule>& rules)
    : memories_(memories) {
  std::vector<double> present;
  for (size_t j = 0; j < rows.cols; ++j) {
    present.clear();
    for (size_t i = 0; i < rows.rows; ++i)
      if (const double x = rows.Row(i)[j]; std::isfinite(x))
        present.push_back(rules[j].units.From(x));
    metrics_.push_back(Begin(present));
    rules[j].burst_from = BurstFrom(present);
  }
}

MetricStreams::Metric MetricStreams::Begin(const std::vector<double>& present) {
  Metric metric;
  const auto first = [&](size_t n) {
    return std::span(present).first(std::min({n, present.size() / 3 + 1, present.size()}));
  };
  if (present.empty()) return metric;
  metric.fast = Over(first(60));
  metric.mid = Over(first(200));
  metric.slow = Over(first(600));
  metric.last = static_cast<float>(present.front());
  return metric;
}

double MetricStreams::BurstFrom(const std::vector<double>& present) {
  constexpr double kMargin = 0.02;
  std::vector<double> bursts;
  ChangeBurst burst;
  for (size_t i = 1; i < present.size(); ++i) {
    const double change = present[i] - present[i - 1];
    bursts.push_back(burst.Peek(change));
    burst.Learn(change);
  }
  return kMargin + (bursts.empty() ? 0 : Quantile(std::move(bursts), kTailFrom));
}

Deviations MetricStreams::Look(std::span<const double> x, Duration of_week,
                               std::span<const MetricRule> rules) const {
  const size_t slot = SeasonProfile::SlotOf(of_week);
  const size_t block = WeekProfile::BlockOf(of_week);
  Deviations out;
  out.residuals.resize(3 * x.size());
  out.evidence.resize(x.size());
  out.of_slow.assign(x.size(), kMissing);
  out.of_season.assign(x.size(), kMissing);
  TopThree shift, jump, season;
  size_t present = 0;
  for (size_t j = 0; j < x.size(); ++j) {
    const Metric& metric = metrics_[j];
    const MetricRule& rule = rules[j];
    const bool missing = !std::isfinite(x[j]);
    const double v = missing ? metric.last : rule.units.From(x[j]);
    const double z_mid = GuardedEwma::Z(metric.mid, v);
    out.residuals[j] = v;
    out.residuals[x.size() + j] = v - metric.last;
    out.residuals[2 * x.size() + j] = std::clamp(z_mid, -kMostDepth, kMostDepth);
    if (missing) continue;
    ++present;
    const double fast = Depth(rule, metric.fast, v);
    const double z_slow = Deviation(rule, metric.slow, v);
    const double on_any_day = v - metric.week.Offset(block);
    const double z_season = SeasonDeviation(rule, metric.season, slot, on_any_day, v);
    const double lasting =
        metric.lasting + memories_.lasting * (Strange(z_slow, z_season) - metric.lasting);
    out.lone = std::max(out.lone, lasting / LeastLasting(rule));
    shift.Offer(std::min(std::abs(z_slow), kMostDepth));
    jump.Offer(std::min(fast, kMostDepth));
    season.Offer(std::min(std::abs(z_season), kMostDepth));
    out.breadth += std::min(fast, kMostBreadth);
    out.evidence[j] = std::min(std::abs(z_season) / rule.usual_season, kMostEvidence) +
                      std::min(Depth(rule, metric.mid, v) / rule.usual_mid, kMostEvidence);
    out.of_slow[j] = std::clamp(z_slow, -kMostDeviation, kMostDeviation);
    out.of_season[j] = std::clamp(z_season, -kMostDeviation, kMostDeviation);
    const double burst = metric.burst.Peek(v - metric.last);
    if (burst > std::max(rule.burst_from, LeastDeviation(rule, metric.mid.mean))) out.moving += 1;
  }
  out.shift = shift.Mean();
  out.jump = jump.Mean();
  out.season = season.Mean();
  out.breadth /= static_cast<double>(std::max<size_t>(1, present));
  out.moving /= static_cast<double>(std::max<size_t>(1, present));
  return out;
}

void MetricStreams::Learn(std::span<const double> x, Duration of_week,
                          std::span<const MetricRule> rules, bool baselines) {
  const size_t slot = SeasonProfile::SlotOf(of_week);
  const size_t block = WeekProfile::BlockOf(of_week);
  for (size_t j = 0; j < x.size(); ++j) {
    if (!std::isfinite(x[j])) continue;
    Metric& metric = metrics_[j];
    const double v = rules[j].units.From(x[j]);
    metric.burst.Learn(v - metric.last);
    metric.last = static_cast<float>(v);
    const double on_any_day = v - metric.week.Offset(block);
    const double strange = Strange(Deviation(rules[j], metric.slow, v),
                                   SeasonDeviation(rules[j], metric.season, slot, on_any_day, v));
    metric.lasting += static_cast<float>(memories_.lasting * (strange - metric.lasting));
    if (!baselines) continue;
    memories_.fast.Learn(metric.fast, v);
    memories_.mid.Learn(metric.mid, v);
    memories_.slow.Learn(metric.slow, v);
    if (memories_.weekdays && metric.season.Speaks(slot))
      metric.week.Learn(block, metric.season.GuardedError(slot, v));
    metric.season.Learn(slot, on_any_day);
  }
}

void MetricStreams::Save(BlobWriter& out) const {
  for (const Metric& metric : metrics_) {
    for (const EwmaMemory* memory : {&metric.fast, &metric.mid, &metric.slow}) {
      out.F32(memory->mean);
      out.F32(memory->variance);
    }
    out.F32(metric.last);
    out.F32(metric.lasting);
    metric.burst.Save(out);
    metric.season.Save(out);
    metric.week.Save(out);
  }
}

Result<MetricStreams> MetricStreams::Load(BlobReader& in, size_t width, const Memories& memories) {
  MetricStreams streams;
  streams.memories_ = memories;
  for (size_t j = 0; j < width; ++j) {
    Metric metric;
    bool sane = true;
    for (EwmaMemory* memory : {&metric.fast, &metric.mid, &metric.slow}) {
      memory->mean = in.F32();
      memory->variance = in.F32();
      sane = sane && InUnits(memory->mean) && memory->variance >= 0 &&
             memory->variance <= 4 * kMostUnits * kMostUnits;
    }
    metric.last = in.F32();
    metric.lasting = in.F32();
    sane = sane && metric.lasting >= 0 && metric.lasting <= kMostStrange;
    if (!in.ok() || !sane || !InUnits(metric.last))
      return Corruption("detector state: an impossible moving average");
    AIOPS_TRY_VOID(metric.burst.Load(in));
    AIOPS_TRY_VOID(metric.season.Load(in));
    AIOPS_TRY_VOID(metric.week.Load(in));
    streams.metrics_.push_back(metric);
  }
  return streams;
}

}  // namespace aiops
