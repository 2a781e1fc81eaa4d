// ExpectedHours: what a person called expected comes again at the same time of day, a nightly
// backup say, and is not told again.
//
// For each quarter of an hour of the day, on which of the last 32 days the score v passed 1, how
// far at most, and whether that was marked. Where it was marked, at this quarter, the next or one
// of the two before (an alert fades slowly), and came on one of the seven days before today or of
// the last four of the same weekday, v must exceed 1.5 times the strongest of those quarters, of
// which each day that it came takes a fifth off. A mark is forgotten when nothing came for 32 days.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/season_profile.h"

namespace aiops {

class ExpectedHours {
 public:
  // What v must exceed at this time; 0: nothing is expected then.
  double Bar(const Moment& at) const;
  void Learn(const Moment& at, double v);
  // v: what was told then; it is one of the days that count.
  void Mark(const Moment& at, bool expected, double v);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  static constexpr size_t kSlots = SeasonProfile::kSlots;
  struct Slot {
    std::uint32_t days = 0;   // bit n: n days before day_
    std::uint8_t before = 0;  // the greatest v, in sixteenths: of the days before day_
    std::uint8_t today = 0;
    bool marked = false;
  };

  void Begin(std::int64_t day);

  std::array<Slot, kSlots> slots_{};
  std::int64_t day_ = kNever;  // the newest local day since the epoch

  static constexpr std::int64_t kNever = -1'000'000;
};

}  // namespace aiops
