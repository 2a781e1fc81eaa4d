#include "detectors/change_burst.h"

#include <cmath>

#include "detectors/standard_units.h"

namespace aiops {

double ChangeBurst::Smooth(double change) const {
  return (static_cast<double>(changes_[0]) + changes_[1] + change) / 3;
}

double ChangeBurst::Peek(double change) const {
  const double newest = Smooth(change);
  double sum = newest * newest;
  for (const float s : smooth_) sum += static_cast<double>(s) * s;
  return std::sqrt(sum / (kSmooth + 1));
}

void ChangeBurst::Learn(double change) {
  smooth_[smooth_at_] = static_cast<float>(Smooth(change));
  smooth_at_ = static_cast<std::uint8_t>((smooth_at_ + 1) % smooth_.size());
  changes_[change_at_] = static_cast<float>(change);
  change_at_ = static_cast<std::uint8_t>((change_at_ + 1) % changes_.size());
}

void ChangeBurst::Save(BlobWriter& out) const {
  for (const float c : changes_) out.F32(c);
  for (const float s : smooth_) out.F32(s);
  out.U16(change_at_);
  out.U16(smooth_at_);
}

Result<void> ChangeBurst::Load(BlobReader& in) {
  bool sane = true;
  for (float& c : changes_) sane = InUnits(c = in.F32()) && sane;
  for (float& s : smooth_) sane = InUnits(s = in.F32()) && sane;
  const std::uint16_t change_at = in.U16();
  const std::uint16_t smooth_at = in.U16();
  if (!sane || change_at >= changes_.size() || smooth_at >= smooth_.size())
    return Corruption("an impossible burst of changes");
  change_at_ = static_cast<std::uint8_t>(change_at);
  smooth_at_ = static_cast<std::uint8_t>(smooth_at);
  return {};
}

}  // namespace aiops
