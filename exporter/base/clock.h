// Clock: the only way to read the time and to wait. Tests use ManualClock (tests/fakes).
#pragma once

#include <chrono>
#include <stop_token>

#include "base/time.h"

namespace aiops {

// A wall clock that moves further against the steady one was set; less is slewing and rounding.
inline constexpr Duration kClockStep = seconds(5);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall clock, UTC. May step.
  virtual Time Now() const = 0;

  // Never steps; only differences mean something. For measuring how long something took.
  virtual std::chrono::steady_clock::time_point Steady() const = 0;

  // Blocks until Now() >= deadline, a stop is requested, or the wall clock was set back since it
  // said `since`, the time from which the deadline was reckoned: then that deadline may mean
  // nothing any more. Returns false if stopped. Steps of the wall clock and a suspend of the
  // machine are noticed within seconds, not after the old delay.
  virtual bool WaitFromUntil(Time since, Time deadline, std::stop_token stop) = 0;

  bool WaitUntil(Time deadline, std::stop_token stop) {
    return WaitFromUntil(Now(), deadline, stop);
  }
  bool WaitFor(Duration d, std::stop_token stop) { return WaitUntil(Now() + d, stop); }
};

class SystemClock final : public Clock {
 public:
  Time Now() const override;
  std::chrono::steady_clock::time_point Steady() const override;
  bool WaitFromUntil(Time since, Time deadline, std::stop_token stop) override;
};

}  // namespace aiops
