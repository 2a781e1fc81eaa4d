// RunBudget: each alert raises the bar for the next one.
//
// A run begins when the score v exceeds least + g and lasts while v > least; pauses of up to 10
// samples belong to it. Each beginning adds `cost` to g, which decays with the time constant
// `memory`: an entity that alerts often must say more, and one that is strong enough always gets
// through.
#pragma once

#include <algorithm>

#include "base/time.h"
#include "detectors/blob.h"

namespace aiops {

struct RunRule {
  double least;
  double cost;
  Duration memory;
};

class RunBudget {
 public:
  // What v must exceed at `now`: `least` within a run.
  double Bar(Time now, const RunRule& rule) const;
  // `v` is the score that was compared with Bar(now, rule).
  void Learn(Time now, double v, const RunRule& rule);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  static constexpr std::uint16_t kPause = 10;  // samples

  double Debt(Time now, const RunRule& rule) const;

  double debt_ = 0;  // g at `since_`
  Time since_{};
  std::uint16_t quiet_ = kPause + 1;  // samples since the last alert, counted to kPause + 1
};

}  // namespace aiops
