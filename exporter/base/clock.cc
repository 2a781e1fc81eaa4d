#include "base/clock.h"

#include <condition_variable>
#include <mutex>

namespace aiops {

Time SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::Steady() const {
  return std::chrono::steady_clock::now();
}

bool SystemClock::WaitUntil(Time deadline, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  // An absolute wait on the realtime clock: the kernel ends it at once when the clock is set past
  // the deadline or the machine wakes up after it.
  while (!stop.stop_requested() && Now() < deadline)
    wake.wait_until(lock, stop, deadline, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace aiops
