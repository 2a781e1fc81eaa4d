// Level: how unusual the last minutes were, for ranking and charts; no alert hears it.
//
//   q = (A^2 + B^2 + T^2 + D^2 + 2 Q^2 + R^2) / 7            of the components' surprise
//   rising = EMA(0.5) of q       peak = max(rising, peak' e^(-0.05 a minute))
//   lasting = EMA of q with a memory of 50 minutes           level = sqrt((peak + lasting) / 2)
//
// The squares let one component that is beyond doubt outweigh several that are a little up. The
// peak finds the short incident and bridges the pauses of a longer one; what lasts ranks above what
// was over at once. The bursts count twice: they are all that is heard of how many metrics move.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "detectors/blob.h"
#include "detectors/surprises.h"

namespace aiops {

// The state between two samples, and all there is of it. In squares of surprise.
struct Level {
  double rising = 0;
  double peak = 0;
  double lasting = 0;

  double Value() const;  // in the unit of surprise

  // After one more sample. `interval`: since the one before.
  Level Next(const Surprises& surprises, Duration interval) const;

  void Save(BlobWriter& out) const;
  static Result<Level> Load(BlobReader& in);
};

}  // namespace aiops
