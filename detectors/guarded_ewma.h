// GuardedEwma: a moving mean and variance that no single sample can pull far away.
//
//   z = (x - m) / max(s, 1)      e = clip(x - m, +-guard max(s, 1))
//   m' = m + l e                 s'^2 = (1 - l) (s^2 + l e^2)
//
// (West 1979; Finch 2009; the clip is Huber's.) Values are in units of their metric's floor, the
// least standard deviation that is believed of it: hence the 1. Thread-safe: it has no state.
#pragma once

#include <algorithm>
#include <cmath>

namespace aiops {

// What is remembered of one metric, in floats: a mean and a variance need no more.
struct EwmaMemory {
  float mean = 0;
  float variance = 0;
};

inline double SpreadOf(const EwmaMemory& memory) {
  return std::max(std::sqrt(static_cast<double>(memory.variance)), 1.0);
}

struct GuardedEwma {
  double lambda;  // weight of the newest sample, (0, 1]
  double guard;   // of |z| that is learned at most

  static double Z(const EwmaMemory& memory, double x) {
    return (x - memory.mean) / SpreadOf(memory);
  }

  void Learn(EwmaMemory& memory, double x) const {
    const double limit = guard * SpreadOf(memory);
    const double error = std::clamp(x - memory.mean, -limit, limit);
    memory.mean = static_cast<float>(memory.mean + lambda * error);
    memory.variance = static_cast<float>((1 - lambda) * (memory.variance + lambda * error * error));
  }
};

}  // namespace aiops
