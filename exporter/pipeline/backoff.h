// Backoff: how long to wait after failures in a row: 2 s, doubled up to 5 min, each a quarter
// shorter or longer by chance, so that many senders do not come back together.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "detectors/random.h"

namespace aiops {

class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  Duration Next() {
    const Duration whole = std::min(kFirst * (std::int64_t{1} << failures_), kMost);
    failures_ = std::min(failures_ + 1, 20);
    const double factor = 0.75 + 0.5 * random_.Uniform();
    return Duration(static_cast<std::int64_t>(static_cast<double>(whole.count()) * factor));
  }
  void Reset() { failures_ = 0; }

 private:
  static constexpr Duration kFirst = seconds(2);
  static constexpr Duration kMost = minutes(5);
  Xoshiro256pp random_;
  int failures_ = 0;
};

}  // namespace aiops
