#include "config/cron.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TimeZone Zone(std::string_view name) {
  auto zone = TimeZone::Open(name);
  EXPECT_TRUE(zone) << name;
  return *zone;
}

Cron Parse(std::string_view expression) {
  auto cron = Cron::Parse(expression);
  EXPECT_TRUE(cron) << expression;
  return *cron;
}

// The next `count` firings after `after`, in UTC, one a word.
std::string Next(std::string_view expression, std::string_view zone, std::string_view after,
                 int count = 1) {
  const Cron cron = Parse(expression);
  const TimeZone where = Zone(zone);
  std::string all;
  Time t = *ParseTime(after);
  for (int i = 0; i < count; ++i) {
    const auto next = cron.Next(t, where);
    if (!next) return all + "never";
    t = *next;
    all += (all.empty() ? "" : " ") + FormatTime(t);
  }
  return all;
}

TEST(Cron, FiresStrictlyAfter) {
  EXPECT_EQ(Next("0 3 * * 0", "UTC", "2026-11-22T02:59:59.999Z"), "2026-11-22T03:00:00Z");
  EXPECT_EQ(Next("0 3 * * 0", "UTC", "2026-11-22T03:00:00Z"), "2026-11-29T03:00:00Z");
  EXPECT_EQ(Next("* * * * *", "UTC", "2026-11-22T03:00:30Z", 2),
            "2026-11-22T03:01:00Z 2026-11-22T03:02:00Z");
}

TEST(Cron, ReadsListsRangesStepsAndNames) {
  EXPECT_EQ(Next("*/20 9-10 * * mon-fri", "UTC", "2026-11-20T10:30:00Z", 3),
            "2026-11-20T10:40:00Z 2026-11-23T09:00:00Z 2026-11-23T09:20:00Z");
  EXPECT_EQ(Next("5,55/2 0 1 JAN,jul *", "UTC", "2026-02-01T00:00:00Z", 4),
            "2026-07-01T00:05:00Z 2026-07-01T00:55:00Z 2026-07-01T00:57:00Z 2026-07-01T00:59:00Z");
  EXPECT_EQ(Next("10-20/5 0 1 1 *", "UTC", "2026-01-01T00:10:00Z", 2),
            "2026-01-01T00:15:00Z 2026-01-01T00:20:00Z");
}

TEST(Cron, SevenIsSunday) {
  EXPECT_EQ(Next("0 0 * * 7", "UTC", "2026-11-23T00:00:00Z"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(Next("0 0 * * 6-7", "UTC", "2026-11-23T00:00:00Z", 2),
            "2026-11-28T00:00:00Z 2026-11-29T00:00:00Z");
}

TEST(Cron, EitherDayFieldMatchesWhenBothAreRestricted) {
  EXPECT_EQ(Next("0 0 13 * fri", "UTC", "2026-11-10T00:00:00Z", 3),
            "2026-11-13T00:00:00Z 2026-11-20T00:00:00Z 2026-11-27T00:00:00Z");
  EXPECT_EQ(Next("0 0 13 * fri", "UTC", "2026-12-11T00:00:00Z"), "2026-12-13T00:00:00Z");
  EXPECT_EQ(Next("0 0 13 * *", "UTC", "2026-12-11T00:00:00Z"), "2026-12-13T00:00:00Z");
}

TEST(Cron, KnowsLeapDaysAndDaysThatNeverCome) {
  EXPECT_EQ(Next("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 2),
            "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z");
  EXPECT_EQ(Next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z"), "2104-02-29T00:00:00Z");
  EXPECT_EQ(Next("0 0 31 2 *", "UTC", "2026-01-01T00:00:00Z"), "never");
}

TEST(Cron, FollowsTheZone) {
  EXPECT_EQ(Next("0 9 * * *", "Asia/Seoul", "2026-11-23T00:00:00Z"), "2026-11-24T00:00:00Z");
  EXPECT_EQ(Next("0 3 * * 0", "Asia/Seoul", "2026-11-21T17:59:00Z"), "2026-11-21T18:00:00Z");
  EXPECT_EQ(Next("0 0 * * *", "Asia/Kathmandu", "2026-11-23T00:00:00Z"), "2026-11-23T18:15:00Z");
}

// Europe/Berlin: on 29 March 2026 02:00 becomes 03:00 at 01:00 UTC; on 25 October 03:00 becomes
// 02:00.
TEST(Cron, FiresAfterTheGapWhatTheGapSwallowed) {
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  EXPECT_EQ(Next("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
            "2026-03-29T01:00:00Z 2026-03-29T01:30:00Z");
  EXPECT_EQ(Next("30 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", 2),
            "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
}

TEST(Cron, FiresOnceInTheRepeatedHour) {
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z"), "2026-10-26T01:30:00Z");
  EXPECT_EQ(Next("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", 2),
            "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
}

TEST(Cron, GoesByElapsedTimeWhenEveryHourIsMeant) {
  EXPECT_EQ(Next("30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z", 4),
            "2026-10-24T23:30:00Z 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z");
  EXPECT_EQ(Next("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3),
            "2026-03-29T00:30:00Z 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z");
}

TEST(Cron, CrossesGapsAtMidnightAndMissingDays) {
  // Asuncion's clocks went from 00:00 to 01:00 on 1 October 2023.
  EXPECT_EQ(Next("30 0 * * *", "America/Asuncion", "2023-09-30T12:00:00Z", 2),
            "2023-10-01T04:00:00Z 2023-10-02T03:30:00Z");
  // Apia had no 30 December 2011.
  EXPECT_EQ(Next("0 12 * * *", "Pacific/Apia", "2011-12-29T21:00:00Z", 3),
            "2011-12-29T22:00:00Z 2011-12-30T10:00:00Z 2011-12-30T22:00:00Z");
}

struct Moving {
  const char* expression;
  int every;  // the minute field: minute % every == rest
  int rest;
};

TEST(Cron, AlwaysMovesForwardToAMatchingMinute) {
  const TimeZone berlin = Zone("Europe/Berlin");
  for (const auto& [expression, every, rest] :
       {Moving{"*/6 * * * *", 6, 0}, Moving{"13 */5 * * *", 60, 13}, Moving{"5 4 */3 * *", 60, 5},
        Moving{"0 1 * 2-11 1,3", 60, 0}}) {
    const Cron cron = Parse(expression);
    Time t = *ParseTime("2026-03-20T00:00:00Z");
    for (int i = 0; i < 300; ++i) {
      const auto next = cron.Next(t, berlin);
      ASSERT_TRUE(next);
      ASSERT_GT(*next, t);
      // Nothing lies between: asking from just before gives the same.
      ASSERT_EQ(cron.Next(*next - milliseconds(1), berlin), next);
      const auto shown = berlin.Format(*next);  // "Mon 2026-11-23 03:02"
      ASSERT_EQ(std::stoi(shown.substr(18)) % every, rest) << expression << " " << shown;
      t = *next;
    }
  }
}

// The firings are exactly the minutes that a plain walk over all minutes accepts.
TEST(Cron, MissesNoMatchingMinute) {
  const TimeZone kathmandu = Zone("Asia/Kathmandu");
  const Cron cron = Parse("*/25 3-5,22 * * tue");
  const Time end = *ParseTime("2026-12-20T00:00:00Z");
  Time next = *cron.Next(*ParseTime("2026-12-01T00:00:00Z"), kathmandu);
  for (Time t = *ParseTime("2026-12-01T00:01:00Z"); t < end; t += minutes(1)) {
    const auto shown = kathmandu.Format(t);
    const int hour = std::stoi(shown.substr(15, 2));
    const bool matches = shown.starts_with("Tue") && ((hour >= 3 && hour <= 5) || hour == 22) &&
                         std::stoi(shown.substr(18)) % 25 == 0;
    ASSERT_EQ(matches, t == next) << shown;
    if (matches) next = *cron.Next(t, kathmandu);
  }
}

TEST(Cron, RefusesWhatIsNoExpression) {
  for (const char* bad : {"",
                          "0 3 * *",
                          "0 3 * * * *",
                          "60 * * * *",
                          "* 24 * * *",
                          "* * 0 * *",
                          "* * 32 * *",
                          "* * * 13 *",
                          "* * * 0 *",
                          "* * * * 8",
                          "*/0 * * * *",
                          "5-1 * * * *",
                          "a * * * *",
                          "-1 * * * *",
                          "* * * * funday",
                          "1, * * * *",
                          "/ * * * *",
                          "1-2-3 * * * *",
                          "* * * * su",
                          "99999999999 * * * *",
                          "*/-1 * * * *",
                          "@daily"})
    EXPECT_FALSE(Cron::Parse(bad)) << bad;
  EXPECT_EQ(Cron::Parse("0 25 * * *").error().message,
            "hour '25' of a cron expression must be *, or numbers, ranges and steps from 0 to 23");
}

TEST(TimeZone, NamesAndFormats) {
  EXPECT_EQ(Zone("Asia/Seoul").name(), "Asia/Seoul");
  EXPECT_EQ(Zone("Asia/Seoul").Format(*ParseTime("2026-11-22T18:02:30Z")), "Mon 2026-11-23 03:02");
  EXPECT_EQ(Zone("UTC").Format(*ParseTime("2026-11-22T18:02:30Z")), "Sun 2026-11-22 18:02");
  EXPECT_FALSE(Zone("").name().empty());
}

TEST(TimeZone, RefusesUnknownNames) {
  for (const char* bad : {"Asia/Soul", "../../etc/passwd", "KST\n", "+09:00"})
    EXPECT_FALSE(TimeZone::Open(bad)) << bad;
  EXPECT_EQ(TimeZone::Open("Asia/Soul").error().message,
            "time zone 'Asia/Soul' is not known, want a name like Asia/Seoul");
}

}  // namespace
}  // namespace aiops
