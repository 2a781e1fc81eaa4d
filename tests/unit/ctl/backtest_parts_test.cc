// What the backtest on a Prometheus is made of: messages, moments, kept answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ctl/backtest_cache.h"
#include "ctl/backtest_run.h"
#include "ctl/moment.h"
#include "fakes/manual_clock.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::HasSubstr;

constexpr Time kQuarter = FromUnixMillis(1'700'000'100'000);  // of an hour
constexpr auto kWarning = Severity::kWarning;
constexpr auto kCritical = Severity::kCritical;

TEST(Messages, WarningsOfAQuarterOfAnHourAreOne) {
  ASSERT_EQ(FloorTo(kQuarter, minutes(15)), kQuarter);
  EXPECT_EQ(CountMessages({}), 0u);
  EXPECT_EQ(CountMessages({{kQuarter, 1, kWarning},
                           {kQuarter + minutes(14), 2, kWarning},
                           {kQuarter + minutes(15), 3, kWarning}}),
            2u);
}

TEST(Messages, CriticalGoesAtOnce) {
  EXPECT_EQ(CountMessages({{kQuarter, 1, kCritical}, {kQuarter, 2, kCritical}}), 2u);
  // Told as CRITICAL before the batch left: not told again.
  EXPECT_EQ(CountMessages({{kQuarter, 1, kWarning}, {kQuarter + minutes(5), 1, kCritical}}), 1u);
  EXPECT_EQ(CountMessages({{kQuarter, 1, kWarning}, {kQuarter + minutes(20), 1, kCritical}}), 2u);
}

TEST(Moment, IsSaidInFourWays) {
  EXPECT_EQ(*ParseMoment("now", kQuarter, "--at"), kQuarter);
  EXPECT_EQ(*ParseMoment("2h", kQuarter, "--at"), kQuarter - hours(2));
  EXPECT_EQ(*ParseMoment("2023-11-14T22:15:00Z", Time{}, "--at"), kQuarter);
  EXPECT_EQ(*ParseMoment("1700000100", Time{}, "--at"), kQuarter);
  for (const char* text : {"", "yesterday", "-5", "99999999999999", "12x"})
    EXPECT_FALSE(ParseMoment(text, kQuarter, "--at")) << text;
}

class Cache : public testing::Test {
 protected:
  const TestFolder scratch_;
  ManualClock clock_{kQuarter};
  HttpEndpoint endpoint_ = [] {
    HttpEndpoint endpoint;
    endpoint.base_url = "http://prom:9090";
    return endpoint;
  }();
  prom::HistoryQuery query_{0, kQuarter - hours(5), kQuarter - hours(2), minutes(1)};

  BacktestCache Open() { return *BacktestCache::Open(scratch_.path() + "/kept", clock_); }
};

TEST_F(Cache, KeepsWhatWasAskedOfWhom) {
  Open().Keep(endpoint_, "up", query_, "body");
  clock_.Advance(hours(1));
  EXPECT_EQ(Open().Recall(endpoint_, "up", query_), "body");
  EXPECT_EQ(Open().Recall(endpoint_, "down", query_), std::nullopt);
  auto other = query_;
  other.step = minutes(2);
  EXPECT_EQ(Open().Recall(endpoint_, "up", other), std::nullopt);
  endpoint_.headers.emplace_back("X-Scope-OrgID", Secret("b"));
  EXPECT_EQ(Open().Recall(endpoint_, "up", query_), std::nullopt);
  EXPECT_EQ(BacktestCache::Open("", clock_)->Recall(endpoint_, "up", query_), std::nullopt);
}

TEST_F(Cache, WhatMayHaveChangedCountsOnlyInItsRun) {
  query_.last = kQuarter - minutes(30);
  const auto cache = Open();
  cache.Keep(endpoint_, "up", query_, "body");
  EXPECT_EQ(cache.Recall(endpoint_, "up", query_), "body");
  clock_.Advance(hours(2));
  EXPECT_EQ(Open().Recall(endpoint_, "up", query_), std::nullopt);
}

TEST_F(Cache, IsPrivateAndForgetsBrokenFiles) {
  namespace fs = std::filesystem;
  Open().Keep(endpoint_, "up", query_, "body");
  const fs::path folder = scratch_.path() + "/kept";
  EXPECT_EQ(fs::status(folder).permissions() & fs::perms::others_all, fs::perms::none);
  for (const auto& file : fs::directory_iterator(folder)) {
    EXPECT_EQ(file.path().extension(), ".answer");
    EXPECT_EQ(file.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none);
    std::ofstream(file.path()) << "17\nsomething else\nbody";
  }
  EXPECT_EQ(Open().Recall(endpoint_, "up", query_), std::nullopt);
}

TEST_F(Cache, AFolderThatCannotBeIsAnError) {
  std::ofstream(scratch_.path() + "/file") << "x";
  const auto cache = BacktestCache::Open(scratch_.path() + "/file/kept", clock_);
  ASSERT_FALSE(cache);
  EXPECT_THAT(cache.error().message, HasSubstr("--cache"));
}

}  // namespace
}  // namespace aiops
