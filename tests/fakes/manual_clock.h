// ManualClock: time stands still until a test moves it. Waiters wake when it passes their deadline.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace aiops {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = FromUnixMillis(1'700'000'000'000)) : now_(start) {}

  Time Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }

  std::chrono::steady_clock::time_point Steady() const override {
    std::lock_guard lock(mutex_);
    return std::chrono::steady_clock::time_point((now_ - stepped_).time_since_epoch());
  }

  bool WaitFromUntil(Time since, Time deadline, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ++waiters_;
    moved_.notify_all();
    const Time begun = now_ - stepped_;
    const bool reached = moved_.wait(lock, stop, [&] {
      const Duration passed = now_ - stepped_ - begun;
      return now_ >= deadline || now_ < since + passed - kClockStep;
    });
    --waiters_;
    return reached && !stop.stop_requested();
  }

  void Advance(Duration by) { Set(Now() + by); }

  // Somebody sets the wall clock: no time passes.
  void Step(Duration by) {
    {
      std::lock_guard lock(mutex_);
      now_ += by;
      stepped_ += by;
    }
    moved_.notify_all();
  }

  void Set(Time now) {
    {
      std::lock_guard lock(mutex_);
      now_ = now;
    }
    moved_.notify_all();
  }

  // Blocks until so many threads are inside WaitUntil: then a test may move the time.
  void AwaitWaiters(int count) {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return waiters_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  Time now_;
  Duration stepped_{};
  int waiters_ = 0;
};

}  // namespace aiops
