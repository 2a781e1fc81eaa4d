// What rotated logs say of the time before a first start.
#include <gtest/gtest.h>

#include <cmath>

#include "unit/collect/nginx_follower_harness.h"
#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

// Requests by the end of their minute, in minutes since `t`.
using PerMinute = std::map<std::int64_t, double>;

PerMinute Past(Collector& collector, Time t, Window range) {
  PerMinute out;
  const auto past = collector.Backfill(range, {});
  EXPECT_TRUE(past);
  if (!past) return out;
  for (const auto& each : *past) {
    const double rate = NginxHarness::ByName(each.readings).at("request_rate");
    EXPECT_TRUE(out.emplace((each.end - t) / minutes(1), std::round(rate * 60)).second);
  }
  return out;
}

double Sum(const PerMinute& counts) {
  double sum = 0;
  for (const auto& [_, count] : counts) sum += count;
  return sum;
}

// Three days of two requests a minute, of which the follower's tail would see the last only.
class NginxHistory : public testing::Test {
 protected:
  NginxHistory() {
    std::string days[3];
    for (int minute = 0; minute < kMinutes; ++minute) {
      const Time at = begin_ + minutes(minute);
      days[minute / (24 * 60)] += AccessLine(at + seconds(3)) + AccessLine(at + seconds(59), 404);
    }
    h_.folder.Append(Gzipped(days[0]), "access.log.2.gz");
    h_.folder.Append(days[1], "access.log.1");
    h_.folder.Append(days[2]);
    h_.Start();
  }

  static constexpr int kMinutes = 3 * 24 * 60;
  NginxHarness h_;
  const Time now_ = h_.clock.Now();
  const Time begin_ = now_ - minutes(kMinutes);
};

TEST_F(NginxHistory, EveryMinuteOfEveryFileIsToldOnce) {
  PerMinute all;
  for (Time from = now_ - hours(24 * 4); from < now_; from += hours(6))
    all.merge(Past(*h_.collector, begin_, {from, from + hours(6)}));
  ASSERT_EQ(all.size(), size_t{kMinutes} - 1);  // the log may have begun within its first minute
  EXPECT_EQ(all.begin()->first, 2);
  EXPECT_EQ(all.rbegin()->first, kMinutes);
  for (const auto& [minute, requests] : all) ASSERT_EQ(requests, 2) << minute;
}

TEST_F(NginxHistory, WhatFollowsTheLogSeesTheSameAsWithoutIt) {
  Past(*h_.collector, begin_, {now_ - hours(24), now_});
  h_.folder.Append(AccessLine(now_ + seconds(10)));
  const auto live = h_.Tick(now_ + minutes(1));
  ASSERT_TRUE(live);
  EXPECT_DOUBLE_EQ(Requests(*live), 1);
  EXPECT_TRUE(live->past.empty());
  EXPECT_EQ(Counter(*live, "rotations"), 0);
}

TEST_F(NginxHistory, ABeginningInTheMiddleCountsNothingBeforeIt) {
  const auto half = Past(*h_.collector, begin_, {now_ - hours(30), now_ - hours(6)});
  EXPECT_EQ(half.size(), 24u * 60 - 1);
  EXPECT_EQ(Sum(half), 2 * half.size());
  // An earlier range begins again.
  EXPECT_EQ(Past(*h_.collector, begin_, {now_ - hours(48), now_ - hours(30)}).size(), 18u * 60 - 1);
}

TEST_F(NginxHistory, LeavesTheLogItselfToAFollowerThatReadsAllOfIt) {
  NginxHarness h(seconds(60), "start: beginning");
  h.folder.Append(AccessLine(now_ - hours(5)) + AccessLine(now_ - hours(4) + seconds(5)),
                  "access.log.1");
  h.folder.Append(AccessLine(now_ - hours(4) + seconds(7)) + AccessLine(now_ - hours(1)));
  const auto past = Past(*h.collector, now_, {now_ - hours(24), now_});
  EXPECT_EQ(past.rbegin()->first, -4 * 60);  // its last minute goes on in the log
  EXPECT_EQ(Sum(past), 1);
}

TEST_F(NginxHistory, SilenceBetweenLinesIsNone) {
  NginxHarness h;
  h.folder.Append(AccessLine(now_ - hours(5)) + AccessLine(now_ - hours(1)));
  const auto past = Past(*h.collector, now_, {now_ - hours(24), now_});
  ASSERT_EQ(past.size(), 5u * 60);
  EXPECT_EQ(Sum(past), 2);
  EXPECT_EQ(past.at(-59), 1);
}

TEST_F(NginxHistory, ADamagedFileIsLeftOutAndTheRestIsRead) {
  NginxHarness h;
  h.folder.Append("this is not gzip", "access.log.1.gz");
  h.folder.Append(AccessLine(now_ - hours(2)) + AccessLine(now_ - hours(1)));
  EXPECT_EQ(Sum(Past(*h.collector, now_, {now_ - hours(24), now_})), 2);
}

TEST_F(NginxHistory, AStopEndsItAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  const auto past = h_.collector->Backfill({now_ - hours(24), now_}, stop.get_token());
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ErrorKind::kCancelled);
}

TEST_F(NginxHistory, EachSiteHasItsOwn) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log']\nentity_by_site: true");
  h.entity_labels = {"site"};
  h.Start();
  h.folder.Append(AccessLine(now_ - hours(2)) + AccessLine(now_ - hours(1)), "blog.log");
  h.folder.Append(AccessLine(now_ - hours(2)), "shop.log");
  const auto past = h.collector->Backfill({now_ - hours(24), now_}, {});
  ASSERT_TRUE(past);
  std::map<std::string, double> sums;
  for (const auto& minute : *past)
    for (const auto& reading : minute.readings)
      if (reading.feature.feature == 0) sums[reading.labels.at(0).second] += reading.value * 60;
  EXPECT_EQ(sums.size(), 2u);
  EXPECT_NEAR(sums["blog.log"], 2, 1e-9);
  EXPECT_NEAR(sums["shop.log"], 1, 1e-9);
}

}  // namespace
}  // namespace aiops
