#include "detectors/season_profile.h"

#include <algorithm>
#include <cmath>

#include "detectors/part_of_period.h"
#include "detectors/standard_units.h"

namespace aiops {
namespace {

constexpr double kSigmaOfDeviation = 1.2533;  // sqrt(pi / 2)
constexpr std::uint8_t kSpeaks = 8;
constexpr std::uint8_t kGuarded = 20;
constexpr std::uint8_t kSettled = 50;  // from here on the weight of a visit stays 1/50
constexpr double kGuard = 4;

}  // namespace

size_t SeasonProfile::SlotOf(Duration local) { return PartOfPeriod(local, hours(24), kSlots); }

double SeasonProfile::Spread(size_t slot) const {
  return std::max(kSigmaOfDeviation * deviation_[slot], 1.0);
}

bool SeasonProfile::Speaks(size_t slot) const { return seen_[slot] >= kSpeaks; }

double SeasonProfile::Error(size_t slot, double x) const {
  return Speaks(slot) ? x - mean_[slot] : 0;
}

double SeasonProfile::GuardedError(size_t slot, double x) const {
  const double limit = kGuard * Spread(slot);
  return std::clamp(x - mean_[slot], -limit, limit);
}

void SeasonProfile::Learn(size_t slot, double x) {
  const double error = seen_[slot] >= kGuarded ? GuardedError(slot, x) : x - mean_[slot];
  if (seen_[slot] < kSettled) ++seen_[slot];
  const double weight = 1.0 / seen_[slot];
  mean_[slot] = static_cast<float>(mean_[slot] + weight * error);
  deviation_[slot] =
      static_cast<float>(deviation_[slot] + weight * (std::abs(error) - deviation_[slot]));
}

void SeasonProfile::Save(BlobWriter& out) const {
  for (size_t slot = 0; slot < kSlots; ++slot) {
    out.F32(mean_[slot]);
    out.F32(deviation_[slot]);
    out.U16(seen_[slot]);
  }
}

Result<void> SeasonProfile::Load(BlobReader& in) {
  for (size_t slot = 0; slot < kSlots; ++slot) {
    mean_[slot] = in.F32();
    deviation_[slot] = in.F32();
    const std::uint16_t seen = in.U16();
    if (!InUnits(mean_[slot]) || !InUnits(deviation_[slot]) || deviation_[slot] < 0 ||
        seen > kSettled)
      return Corruption("an impossible profile of the day");
    seen_[slot] = static_cast<std::uint8_t>(seen);
  }
  return {};
}

}  // namespace aiops
