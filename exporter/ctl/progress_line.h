// How far a long run has come, on one line that replaces itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace aiops {

// Shows on a terminal only, once the run has lasted for two seconds, at most ten times a second:
// "row 640 of 20160". The line is gone with the object.
class ProgressLine {
 public:
  ProgressLine(std::ostream& err, std::string what, size_t all);
  ~ProgressLine();
  void Tell(size_t done);

 private:
  std::ostream& err_;
  const std::string what_;
  const size_t all_;
  const SystemClock clock_;
  const std::chrono::steady_clock::time_point start_;
  const bool terminal_;
  std::int64_t shown_ = -1;  // tenth of a second
};

}  // namespace aiops
