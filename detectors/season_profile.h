// SeasonProfile: what one metric usually does at this time of the day.
//
// 96 slots of a quarter of an hour, each with a mean and a mean absolute deviation (1.2533 of it is
// the standard deviation of a normal distribution). Values are in units of their metric's floor. A
// slot says nothing before it was seen 8 times; from 20 on, what it learns is clipped at 4 standard
// deviations.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "detectors/blob.h"

namespace aiops {

class SeasonProfile {
 public:
  static constexpr size_t kSlots = 96;

  // Of local time since any midnight.
  static size_t SlotOf(Duration local);

  bool Speaks(size_t slot) const;

  // How far x is from the slot's mean, and the same in standard deviations. Signed; 0 while the
  // slot says nothing.
  double Error(size_t slot, double x) const;
  double Z(size_t slot, double x) const { return Error(slot, x) / Spread(slot); }
  // The error, as far as it may teach anything: at most 4 standard deviations.
  double GuardedError(size_t slot, double x) const;
  void Learn(size_t slot, double x);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  double Spread(size_t slot) const;

  std::array<float, kSlots> mean_{};
  std::array<float, kSlots> deviation_{};  // mean absolute
  std::array<std::uint8_t, kSlots> seen_{};
};

}  // namespace aiops
