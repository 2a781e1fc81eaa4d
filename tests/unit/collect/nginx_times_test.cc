// What a log's stamps can be, each with the requests that every minute must have: clock changes of
// a zone, odd offsets, lines out of order, clocks that are wrong.
#include <gtest/gtest.h>

#include <vector>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

// Stamps that are written in a minute, and the requests that it has.
struct Minute {
  std::vector<const char*> stamps;
  double requests;
};

struct Case {
  const char* name;
  std::int64_t begin;  // of the first minute, Unix time
  std::vector<Minute> minutes;
  double late = 0;
  double future = 0;
  double bad = 0;
};

constexpr std::int64_t kBackInBerlin = 1'792'890'000;     // 2026-10-25T01:00:00Z
constexpr std::int64_t kForwardInBerlin = 1'774'746'000;  // 2026-03-29T01:00:00Z
constexpr std::int64_t kMorningInNepal = 1'795'402'920;   // 2026-11-23T03:02:00Z
constexpr std::int64_t kMidnight = 1'798'761'600;         // 2027-01-01T00:00:00Z

const Case kCases[] = {
    {"ClocksAreSetBack",
     kBackInBerlin - 60,
     {{{"25/Oct/2026:02:59:00 +0200", "25/Oct/2026:02:59:59 +0200"}, 2},
      {{"25/Oct/2026:02:00:00 +0100", "25/Oct/2026:02:00:30 +0100", "25/Oct/2026:02:00:59 +0100"},
       3}}},
    {"ClocksAreSetForward",
     kForwardInBerlin - 60,
     {{{"29/Mar/2026:01:59:59 +0100"}, 1},
      {{"29/Mar/2026:03:00:00 +0200", "29/Mar/2026:03:00:01 +0200"}, 2}}},
    {"OffsetsOfQuartersOfAnHour",
     kMorningInNepal,
     {{{"23/Nov/2026:08:47:00 +0545", "22/Nov/2026:23:32:30 -0330"}, 2},
      {{"23/Nov/2026:08:48:59 +0545"}, 1}}},
    {"OneMinuteInManyZones",
     kMidnight,
     {{{"31/Dec/2026:12:00:10 -1200", "01/Jan/2027:14:00:10 +1400", "01/Jan/2027:00:00:10 +0000"},
       3}}},
    {"OutOfOrderWithinAMinute",
     kMidnight,
     {{{"01/Jan/2027:00:00:59 +0000", "01/Jan/2027:00:00:00 +0000", "01/Jan/2027:00:00:30 +0000"},
       3}}},
    {"OutOfOrderByAMinute",
     kMidnight,
     {{{"01/Jan/2027:00:01:01 +0000", "01/Jan/2027:00:00:01 +0000"}, 1},
      {{"01/Jan/2027:00:01:02 +0000", "01/Jan/2027:00:00:02 +0000"}, 2}},
     1},
    {"Year1970",
     kMidnight,
     {{{"01/Jan/1970:00:00:00 +0000", "01/Jan/1970:00:00:00 +1400", "29/Nov/0000:10:00:00 +0000",
        "01/Jan/2027:00:00:00 +0000"},
       1}},
     1,
     0,
     2},
    {"Year9999",
     kMidnight,
     {{{"31/Dec/9999:23:59:59 +0000", "31/Dec/9999:23:59:59 -1200", "01/Jan/2027:00:00:00 +0000"},
       1}},
     0,
     1,
     1},
};

class NginxTimes : public ::testing::TestWithParam<Case> {};

TEST_P(NginxTimes, CountsEachRequestInItsMinute) {
  const Case& each = GetParam();
  NginxHarness h;
  const Time begin = FromUnixMillis(each.begin * 1000);
  h.clock.Set(begin);
  h.folder.Append("");
  h.Start();
  double late = 0;
  double future = 0;
  double bad = 0;
  for (size_t i = 0; i < each.minutes.size(); ++i) {
    SCOPED_TRACE("minute " + std::to_string(i));
    for (const char* stamp : each.minutes[i].stamps) {
      h.folder.Append(std::string("192.0.2.1 - - [") + stamp +
                      "] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n");
    }
    const auto collected = h.Tick(begin + minutes(i + 1));
    ASSERT_TRUE(collected) << collected.error().message;
    EXPECT_DOUBLE_EQ(Requests(*collected), each.minutes[i].requests);
    late = Counter(*collected, "lines_late");
    future = Counter(*collected, "lines_future");
    bad = Counter(*collected, "lines_malformed", "bad_time");
  }
  EXPECT_EQ(late, each.late);
  EXPECT_EQ(future, each.future);
  EXPECT_EQ(bad, each.bad);
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Stamp, NginxTimes, ::testing::ValuesIn(kCases), NameOf);

}  // namespace
}  // namespace aiops
