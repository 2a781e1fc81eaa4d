#include "base/time.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(FormatTime, IsRfc3339InUtcAndRoundTrips) {
  const Time t = FromUnixMillis(1'700'000'000'123);
  EXPECT_EQ(FormatTime(t), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(*ParseTime(FormatTime(t)), t);
  EXPECT_EQ(FormatTime(FloorTo(t, seconds(1))), "2023-11-14T22:13:20Z");
}

TEST(ParseTime, UnderstandsOffsets) {
  EXPECT_EQ(*ParseTime("2023-11-15T07:13:20+09:00"), *ParseTime("2023-11-14T22:13:20Z"));
  EXPECT_EQ(*ParseTime("2023-11-14T18:43:20-03:30"), *ParseTime("2023-11-14T22:13:20Z"));
}

TEST(ParseTime, RefusesWhatIsNotATime) {
  for (const char* text : {"", "now", "2023-02-30T00:00:00Z", "2023-11-14T22:13:20", "2023-11-14",
                           "2023-11-14T25:00:00Z", "2023-11-14T22:13:20Zx"})
    EXPECT_FALSE(ParseTime(text)) << text;
}

TEST(ParseDuration, ReadsPrometheusDurations) {
  EXPECT_EQ(*ParseDuration("1h30m"), minutes(90));
  EXPECT_EQ(*ParseDuration("500ms"), milliseconds(500));
  EXPECT_EQ(*ParseDuration("2w"), hours(24 * 14));
  for (const char* text : {"", "5", "m", "-5m", "1m1h", "1s1s", "1.5h", "99999999999999999999s"})
    EXPECT_FALSE(ParseDuration(text)) << text;
}

TEST(FormatDuration, IsTheShortestForm) {
  EXPECT_EQ(FormatDuration(seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(hours(24 * 8)), "8d");
  EXPECT_EQ(FormatDuration(hours(24 * 14)), "2w");
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0s");
}

TEST(FloorTo, WorksBeforeTheEpoch) {
  EXPECT_EQ(FloorTo(FromUnixMillis(-1), seconds(1)), FromUnixMillis(-1000));
}

}  // namespace
}  // namespace aiops
