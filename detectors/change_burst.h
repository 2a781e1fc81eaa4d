// ChangeBurst: how much one metric is moving just now.
//
//   s = mean of the last 3 first differences        r = root mean square of the last 6 s
//
// The mean over three lets noise cancel and keeps what really moves. Values are in units of the
// metric's floor.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "detectors/blob.h"

namespace aiops {

class ChangeBurst {
 public:
  // r, if `change` were the next first difference.
  double Peek(double change) const;
  void Learn(double change);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  static constexpr int kSmooth = 5;

  double Smooth(double change) const;

  std::array<float, 2> changes_{};       // the newest differences, in a ring
  std::array<float, kSmooth> smooth_{};  // the newest s, in a ring
  std::uint8_t change_at_ = 0;           // the oldest entry of each ring
  std::uint8_t smooth_at_ = 0;
};

}  // namespace aiops
