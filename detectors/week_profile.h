// WeekProfile: how far one metric usually is, at this time of the week, from what it usually is at
// this time of the day. A quiet Sunday is then no deviation.
//
// 42 blocks: of each weekday six of four hours. Each keeps its mean error of the newest two weeks,
// and says what both agree about: of one sign, the smaller one. One odd Sunday teaches nothing.
// Values are in units of their metric's floor.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "detectors/blob.h"

namespace aiops {

class WeekProfile {
 public:
  static constexpr size_t kBlocks = 42;

  // Of local time since Monday, midnight; any duration is taken modulo a week.
  static size_t BlockOf(Duration of_week);

  // 0 until the block was seen in two weeks.
  double Offset(size_t block) const;
  // `error`: of a sample, against its time of the day.
  void Learn(size_t block, double error);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  struct Visits {
    float last = 0, before = 0;  // mean errors; 0: none yet
  };
  void EndVisit();

  std::array<Visits, kBlocks> visits_{};
  std::uint16_t block_ = 0;  // the one of the newest sample,
  std::uint32_t count_ = 0;  // and what was seen of it since it began
  double sum_ = 0;
};

}  // namespace aiops
