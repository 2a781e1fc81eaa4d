#include <algorithm>
#include <cmath>

#include "detectors/calibrated_model.h"

namespace aiops {
namespace {

// Weight of the newest share of moving metrics.
constexpr double kBurst = 0.1;

}  // namespace

StreamReading EntityStream::Look(std::span<const double> x, Duration of_week,
                                 const CalibratedModel& model, double forest) const {
  StreamReading reading;
  reading.deviations = metrics.Look(x, of_week, model.rules);
  const Deviations& d = reading.deviations;
  reading.forest = IsMissing(forest) ? model.ForestScore(d.residuals) : forest;
  // Strange to one memory alone is what that memory has not learned yet.
  const double residual = std::min(model.slow_space.Unexplained(d.of_slow),
                                   model.season_space.Unexplained(d.of_season));
  reading.components = {d.shift,  d.breadth,      d.jump,
                        d.season, reading.forest, burst_ + kBurst * (d.moving - burst_),
                        residual};
  return reading;
}

void EntityStream::Learn(const StreamReading& reading, std::span<const double> x, Duration of_week,
                         const CalibratedModel& model, bool baselines) {
  burst_ = reading.components[static_cast<size_t>(Part::kBurst)];
  metrics.Learn(x, of_week, model.rules, baselines);
}

void EntityStream::Save(BlobWriter& out) const {
  metrics.Save(out);
  joint.Save(out);
  warnings.Save(out);
  criticals.Save(out);
  out.F64(burst_);
}

Result<EntityStream> EntityStream::Load(BlobReader& in, size_t width, const Memories& memories) {
  EntityStream stream;
  AIOPS_TRY(stream.metrics, MetricStreams::Load(in, width, memories));
  AIOPS_TRY_VOID(stream.joint.Load(in));
  AIOPS_TRY_VOID(stream.warnings.Load(in));
  AIOPS_TRY_VOID(stream.criticals.Load(in));
  stream.burst_ = in.F64();
  if (!in.ok() || !(stream.burst_ >= 0 && stream.burst_ <= 1))
    return Corruption("detector state: an impossible share of moving features");
  return stream;
}

}  // namespace aiops
