#include "detectors/joint_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "detectors/tail.h"

namespace aiops {
namespace {

constexpr double kSmoothing = 0.4;     // weight of the newest mean surprise
constexpr double kMostBurst = 8;       // it fades slowly and must not alert long after a jump
constexpr double kMostRise = 3;        // of a threshold over training's
constexpr double kLeastThreshold = 3;  // one in twenty of every component: that is no alert

constexpr double kMostExcesses = 100;

std::int64_t DayOf(Time t) {
  return FloorTo(t, hours(24)).time_since_epoch() / Duration(hours(24));
}

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double TailExcesses(Duration interval, size_t training_rows) {
  const double a_day = 86400 / std::max(Seconds(interval), 1e-3);
  const double days = static_cast<double>(std::max<size_t>(1, training_rows)) / a_day;
  const double missing = std::max(0.0, std::log2(7 / days));
  return std::clamp(3.0 + 0.15 * std::log2(a_day / 1440) + 1.75 * missing, 1.0, kMostExcesses);
}

GateValues JointScore::Look(const Surprises& surprises, Duration interval) const {
  const auto gated = std::span(surprises).first(kGated);
  const double unburst = std::max(0.0, Of(surprises, Part::kBurst) - kMostBurst);
  const double now = Mean(gated) - unburst / kGated;
  return {Mean(gated.first(kGated - 1)), smooth_ + kSmoothing * (now - smooth_),
          level_.Next(surprises, interval)};
}

double JointScore::Score(const GateValues& values) const {
  return std::max(values.fast / fast_gate_.bar, values.smooth / smooth_gate_.bar);
}

void JointScore::Learn(const GateValues& values, Time now, bool recalibrates, bool baselines) {
  smooth_ = values.smooth;
  level_ = values.level;
  if (!baselines) return;
  if (values.fast <= fast_gate_.bar) fast_gate_.history.Add(values.fast);
  if (values.smooth <= smooth_gate_.bar) smooth_gate_.history.Add(values.smooth);
  if (DayOf(now) == day_) return;
  if (recalibrates) {
    Recalibrate(fast_gate_);
    Recalibrate(smooth_gate_);
  }
  BeginDay(now);
}

void JointScore::BeginDay(Time now) {
  day_ = DayOf(now);
  fast_gate_.history.NextDay();
  smooth_gate_.history.NextDay();
}

void JointScore::Recalibrate(GateState& gate) const {
  gate.bar =
      std::clamp(gate.history.Threshold(tail_excesses_), gate.trained, kMostRise * gate.trained);
}

void JointScore::Calibrate(std::span<const GateValues> values, std::span<const Moment> moments,
                           double tail_excesses) {
  tail_excesses_ = tail_excesses;
  std::vector<double> fast, smooth;
  for (const GateValues& v : values) {
    fast.push_back(v.fast);
    smooth.push_back(v.smooth);
  }
  const auto threshold = [&](const std::vector<double>& all) {
    return std::max(TailOf(all).At(tail_excesses), kLeastThreshold);
  };
  fast_gate_.trained = fast_gate_.bar = threshold(fast);
  smooth_gate_.trained = smooth_gate_.bar = threshold(smooth);
  day_ = DayOf(moments.front().time);
  for (size_t i = 0; i < values.size(); ++i) {
    if (DayOf(moments[i].time) != day_) BeginDay(moments[i].time);
    fast_gate_.history.Add(std::min(fast[i], fast_gate_.bar));
    smooth_gate_.history.Add(std::min(smooth[i], smooth_gate_.bar));
  }
}

void JointScore::Save(BlobWriter& out) const {
  out.F64(tail_excesses_);
  out.F64(smooth_);
  level_.Save(out);
  out.U64(static_cast<std::uint64_t>(day_));
  for (const GateState* gate : {&fast_gate_, &smooth_gate_}) {
    out.F64(gate->trained);
    out.F64(gate->bar);
    gate->history.Save(out);
  }
}

Result<void> JointScore::Load(BlobReader& in) {
  tail_excesses_ = in.F64();
  smooth_ = in.F64();
  AIOPS_TRY(level_, Level::Load(in));
  day_ = static_cast<std::int64_t>(in.U64());
  bool sane = tail_excesses_ >= 0 && tail_excesses_ <= kMostExcesses && smooth_ >= 0 &&
              smooth_ <= kMostSurprise;
  for (GateState* gate : {&fast_gate_, &smooth_gate_}) {
    gate->trained = in.F64();
    gate->bar = in.F64();
    sane = sane && gate->trained >= kLeastThreshold && gate->bar >= gate->trained &&
           gate->bar <= kMostRise * gate->trained && std::isfinite(gate->trained);
    AIOPS_TRY_VOID(gate->history.Load(in));
  }
  return in.ok() && sane ? Result<void>{} : Corruption("detector state: an impossible threshold");
}

}  // namespace aiops
