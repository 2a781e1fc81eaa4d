#include "base/clock.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace aiops {
namespace {

constexpr Duration kSlice = seconds(5);

}  // namespace

Time SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::Steady() const {
  return std::chrono::steady_clock::now();
}

bool SystemClock::WaitFromUntil(Time since, Time deadline, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const auto begun = Steady();
  while (!stop.stop_requested()) {
    const Time now = Now();
    const auto passed = std::chrono::duration_cast<Duration>(Steady() - begun);
    if (now >= deadline || now < since + passed - kClockStep) break;
    // In slices by the steady clock: nobody tells of a wall clock that is set.
    wake.wait_for(lock, stop, std::min<Duration>(deadline - now, kSlice), [] { return false; });
  }
  return !stop.stop_requested();
}

}  // namespace aiops
