#include "pipeline/waker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "fakes/manual_clock.h"

namespace aiops {
namespace {

TEST(Waker, AWakeBeforeTheWaitEndsTheNextWaitOnly) {
  ManualClock clock;
  Waker waker;
  std::stop_source stop;
  waker.Wake();
  EXPECT_TRUE(waker.WaitUntil(clock, clock.Now() + hours(1), stop.get_token()));
  std::atomic<bool> returned = false;
  std::jthread waiting([&] {
    waker.WaitUntil(clock, clock.Now() + hours(1), stop.get_token());
    returned = true;
  });
  clock.AwaitWaiters(1);
  EXPECT_FALSE(returned);
  waker.Wake();
  waiting.join();
  EXPECT_TRUE(returned);
}

TEST(Waker, EndsAtTheDeadline) {
  ManualClock clock;
  Waker waker;
  bool stayed = false;
  std::jthread waiting(
      [&](std::stop_token stop) { stayed = waker.WaitUntil(clock, clock.Now() + hours(1), stop); });
  clock.AwaitWaiters(1);
  clock.Advance(hours(1));
  waiting.join();
  EXPECT_TRUE(stayed);
}

TEST(Waker, AStopEndsTheWaitAndSaysSo) {
  ManualClock clock;
  Waker waker;
  bool stayed = true;
  std::jthread waiting(
      [&](std::stop_token stop) { stayed = waker.WaitUntil(clock, clock.Now() + hours(1), stop); });
  clock.AwaitWaiters(1);
  waiting.request_stop();
  waiting.join();
  EXPECT_FALSE(stayed);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(waker.WaitUntil(clock, clock.Now() + hours(1), stopped.get_token()));
}

// Every change is followed by a wake: none may be lost between two waits.
TEST(Waker, NoWakeIsLost) {
  constexpr int kChanges = 2000;
  ManualClock clock;
  Waker waker;
  std::atomic<int> said = 0;
  int heard = 0;
  std::jthread listener([&](std::stop_token stop) {
    while (heard < kChanges && waker.WaitUntil(clock, clock.Now() + hours(1), stop))
      heard = said.load();
  });
  for (int i = 0; i < kChanges; ++i) {
    ++said;
    waker.Wake();
  }
  listener.join();
  EXPECT_EQ(heard, kChanges);
}

}  // namespace
}  // namespace aiops
