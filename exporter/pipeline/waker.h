// Waker: a wait on the Clock that others can end early.
#pragma once

#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace aiops {

// One thread waits, any thread wakes. A Wake() before the wait ends the next wait at once.
class Waker {
 public:
  void Wake() {
    std::lock_guard lock(mutex_);
    woken_ = true;
    current_.request_stop();
  }

  // Until the deadline, a Wake(), the stop, or a clock that was set back since it said `since`
  // (Clock::WaitFromUntil). Returns false if stopped.
  bool WaitFromUntil(Clock& clock, Time since, Time deadline, std::stop_token stop) {
    const std::stop_token early = Begin();
    const std::stop_callback forward(stop, [this] { Wake(); });
    clock.WaitFromUntil(since, deadline, early);
    End();
    return !stop.stop_requested();
  }

  bool WaitUntil(Clock& clock, Time deadline, std::stop_token stop) {
    return WaitFromUntil(clock, clock.Now(), deadline, stop);
  }

  // A token that Wake() stops: for calls that take one. End() after use.
  std::stop_token Begin() {
    std::lock_guard lock(mutex_);
    current_ = std::stop_source();
    if (woken_) current_.request_stop();
    return current_.get_token();
  }
  void End() {
    std::lock_guard lock(mutex_);
    woken_ = false;
  }

 private:
  std::mutex mutex_;
  std::stop_source current_;
  bool woken_ = false;
};

}  // namespace aiops
