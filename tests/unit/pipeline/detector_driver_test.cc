#include "pipeline/detector_driver.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

Duration OfWeek(const char* time, const char* zone) {
  return MomentOf(*ParseTime(time), *TimeZone::Open(zone)).of_week;
}

TEST(MomentOf, CountsTheWeekFromMondayOnTheWallsClock) {
  EXPECT_EQ(OfWeek("2024-01-01T00:00:00Z", "UTC"), hours(0));
  EXPECT_EQ(OfWeek("2024-01-07T23:30:00Z", "UTC"), hours(6 * 24 + 23) + minutes(30));
  EXPECT_EQ(OfWeek("2024-01-07T23:30:00Z", "Asia/Seoul"), hours(8) + minutes(30));
  EXPECT_EQ(OfWeek("1969-12-31T23:00:00Z", "UTC"), hours(2 * 24 + 23));
}

// The hour that is skipped in spring is missing in the week, too.
TEST(MomentOf, FollowsTheClocksThatAreSetForward) {
  EXPECT_EQ(OfWeek("2024-03-31T00:59:00Z", "Europe/Berlin"), hours(6 * 24 + 1) + minutes(59));
  EXPECT_EQ(OfWeek("2024-03-31T01:00:00Z", "Europe/Berlin"), hours(6 * 24 + 3));
}

}  // namespace
}  // namespace aiops
