#include "base/clock.h"

#include <gtest/gtest.h>

#include "fakes/manual_clock.h"

namespace aiops {
namespace {

// Both keep the contract: a fake that waited otherwise would prove nothing.
template <class AnyClock>
class ClockTest : public ::testing::Test {
 protected:
  AnyClock clock_;
};
using Clocks = ::testing::Types<SystemClock, ManualClock>;
TYPED_TEST_SUITE(ClockTest, Clocks);

TYPED_TEST(ClockTest, ADeadlineOfAClockThatWasSetBackIsNotWaitedFor) {
  const Time before = this->clock_.Now() + hours(9);  // as the clock was a moment ago
  EXPECT_TRUE(this->clock_.WaitFromUntil(before, before + hours(1), {}));
  EXPECT_LT(this->clock_.Now(), before);
}

TYPED_TEST(ClockTest, APastDeadlineIsNoWait) {
  EXPECT_TRUE(this->clock_.WaitUntil(this->clock_.Now(), {}));
}

TYPED_TEST(ClockTest, AStopEndsTheWait) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(this->clock_.WaitUntil(this->clock_.Now() + hours(1), stop.get_token()));
}

TEST(ManualClock, ALittleSlewIsWaitedThrough) {
  ManualClock clock;
  const Time before = clock.Now() + kClockStep - milliseconds(1);
  std::stop_source stop;
  stop.request_stop();  // it would wait: only the stop ends it
  EXPECT_FALSE(clock.WaitFromUntil(before, before + hours(1), stop.get_token()));
}

}  // namespace
}  // namespace aiops
