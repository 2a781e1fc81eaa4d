#include "detectors/week_profile.h"

#include <algorithm>
#include <cmath>

#include "detectors/part_of_period.h"
#include "detectors/standard_units.h"

namespace aiops {
namespace {

constexpr std::uint32_t kLeastSamples = 3;  // of a block, for a visit to count

}  // namespace

size_t WeekProfile::BlockOf(Duration of_week) {
  return PartOfPeriod(of_week, hours(24 * 7), kBlocks);
}

double WeekProfile::Offset(size_t block) const {
  const auto& [last, before] = visits_[block];
  if (last > 0 && before > 0) return std::min(last, before);
  return last < 0 && before < 0 ? std::max(last, before) : 0;
}

void WeekProfile::Learn(size_t block, double error) {
  if (block != block_) {
    EndVisit();
    block_ = static_cast<std::uint16_t>(block);
  }
  sum_ += error;
  ++count_;
}

void WeekProfile::EndVisit() {
  if (count_ >= kLeastSamples)
    visits_[block_] = {static_cast<float>(sum_ / count_), visits_[block_].last};
  sum_ = 0;
  count_ = 0;
}

void WeekProfile::Save(BlobWriter& out) const {
  for (const Visits& visits : visits_) {
    out.F32(visits.last);
    out.F32(visits.before);
  }
  out.U16(block_);
  out.U32(count_);
  out.F64(sum_);
}

Result<void> WeekProfile::Load(BlobReader& in) {
  bool sane = true;
  for (Visits& visits : visits_) {
    visits.last = in.F32();
    visits.before = in.F32();
    sane = sane && InUnits(visits.last) && InUnits(visits.before);
  }
  block_ = in.U16();
  count_ = in.U32();
  sum_ = in.F64();
  if (!in.ok() || !sane || block_ >= kBlocks || !std::isfinite(sum_) ||
      (count_ > 0 ? !InUnits(sum_ / count_) : sum_ != 0))
    return Corruption("an impossible profile of the week");
  return {};
}

}  // namespace aiops
