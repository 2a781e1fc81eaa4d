// GateHistory: the ordinary values of one gate in the last seven days, for its daily
// re-calibration. Constant size: a histogram a day.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"

namespace aiops {

class GateHistory {
 public:
  static constexpr size_t kDays = 7;
  static constexpr size_t kBins = 80;
  static constexpr double kBin = 0.25;

  // Into the current day. Values beyond the last bin count there; none may be NaN.
  void Add(double value);
  // Begins a new day, which takes the place of the oldest.
  void NextDay();

  // u + k median excesses over all days (detectors/tail.h), read from the bins; 0 when empty.
  double Threshold(double k) const;

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  std::array<std::array<std::uint16_t, kBins>, kDays> days_{};
  std::uint8_t today_ = 0;
};

}  // namespace aiops
