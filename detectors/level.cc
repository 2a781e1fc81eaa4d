#include "detectors/level.h"

#include <algorithm>
#include <cmath>

#include "detectors/tail.h"

namespace aiops {
namespace {

constexpr double kRising = 0.5;    // weight of the newest sample
constexpr double kSinking = 0.05;  // of the peak, per minute
constexpr double kLasting = 0.02;  // weight of the newest minute
constexpr double kMost = kMostSurprise * kMostSurprise;

double MeanSquare(const Surprises& surprises) {
  constexpr struct {
    Part part;
    double weight;
  } kWeights[] = {{Part::kShift, 1},  {Part::kBreadth, 1}, {Part::kJump, 1},
                  {Part::kSeason, 1}, {Part::kBurst, 2},   {Part::kResidual, 1}};
  double sum = 0;
  double weights = 0;
  for (const auto& [part, weight] : kWeights) {
    sum += weight * std::pow(Of(surprises, part), 2);
    weights += weight;
  }
  return sum / weights;
}

}  // namespace

double Level::Value() const { return std::sqrt((peak + lasting) / 2); }

Level Level::Next(const Surprises& surprises, Duration interval) const {
  const double step = Seconds(interval) / 60;
  const double now = MeanSquare(surprises);
  Level next;
  next.rising = rising + kRising * (now - rising);
  next.peak = std::max(next.rising, peak * std::exp(-kSinking * step));
  next.lasting = now + (lasting - now) * std::exp(-kLasting * step);
  return next;
}

void Level::Save(BlobWriter& out) const {
  for (const double v : {rising, peak, lasting}) out.F64(v);
}

Result<Level> Level::Load(BlobReader& in) {
  Level level;
  bool sane = true;
  for (double* v : {&level.rising, &level.peak, &level.lasting}) {
    *v = in.F64();
    sane = sane && *v >= 0 && *v <= kMost;
  }
  return in.ok() && sane ? Result<Level>(level) : Corruption("detector state: an impossible level");
}

}  // namespace aiops
