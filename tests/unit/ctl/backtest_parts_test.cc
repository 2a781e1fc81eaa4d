// What the backtest on a Prometheus is made of: messages, moments, kept answers, curves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "ctl/backtest_cache.h"
#include "ctl/backtest_run.h"
#include "ctl/moment.h"
#include "ctl/svg_plot.h"
#include "fakes/manual_clock.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::HasSubstr;
using testing::Not;

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

TEST(Plot, ThinsToTheLeastAndTheGreatest) {
  std::vector<PlotPoint> points;
  const Window window{kQuarter, kQuarter + minutes(9999)};
  for (int i = 0; i < 10000; ++i)
    points.push_back({kQuarter + minutes(i), i == 5000 ? 100.0 : std::sin(i)});
  const auto thin = Thinned(points, window, 1000);
  EXPECT_LE(thin.size(), 1002u);
  EXPECT_GE(thin.size(), 500u);
  double greatest = 0;
  for (size_t i = 0; i < thin.size(); ++i) {
    greatest = std::max(greatest, thin[i].value);
    if (i > 0) {
      EXPECT_LT(thin[i - 1].time, thin[i].time);
    }
  }
  EXPECT_EQ(greatest, 100);
  EXPECT_EQ(Thinned({points[0]}, window, 1000).size(), 1u);
}

TEST(Plot, IsFiniteAndEscaped) {
  SvgPlot plot({kQuarter, kQuarter + hours(1)}, 0, 10);
  plot.Line("curve", {{kQuarter, 5},
                      {kQuarter + minutes(1), std::nan("")},
                      {kQuarter + minutes(2), 1e300},
                      {kQuarter + hours(2), 5}});
  plot.Band("band", {{kQuarter, 1, 9}, {kQuarter + minutes(30), std::nan(""), 9}});
  plot.Mark("warning", {kQuarter - hours(1), kQuarter}, "<b>");
  const std::string svg = plot.Svg("\"><script>");
  EXPECT_THAT(svg, HasSubstr("M0.0 50.0h0M33.3 0.0h0"));  // a gap between, and cut at the limit
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"&quot;&gt;&lt;script&gt;\""));
  for (const char* bad : {"nan", "inf", "<script"}) EXPECT_THAT(svg, Not(HasSubstr(bad)));
}

}  // namespace
}  // namespace aiops
