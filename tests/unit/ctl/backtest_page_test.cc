// What the report of a backtest is drawn of: curves, axes, and what comes again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ctl/backtest_figures.h"
#include "ctl/backtest_habit.h"
#include "ctl/svg_plot.h"
#include "ctl/time_axis.h"

namespace aiops {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr Time kQuarter = FromUnixMillis(1'700'000'100'000);  // of an hour

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

TEST(Plot, OfManyPointsTheRangeOfEachColumnIsDrawn) {
  const Window window{kQuarter, kQuarter + minutes(20 * 1440)};
  SvgPlot few({kQuarter, kQuarter + minutes(10)}, 0, 1), many(window, 0, 1), gap(window, 0, 1);
  std::vector<PlotPoint> points;
  for (int i = 0; i <= 20 * 1440; ++i)
    points.push_back({kQuarter + minutes(i), i == 777 ? 0.9 : i % 2 == 0 ? 0.1 : 0.4});
  few.Envelope("curve", "area", {points[0], points[1]});
  many.Envelope("curve", "area", points);
  EXPECT_THAT(few.Svg("few"), Not(HasSubstr("area")));
  const std::string svg = many.Svg("many");
  EXPECT_THAT(svg, AllOf(HasSubstr("class=\"area\""), HasSubstr(" 10.0L")));  // the one above all
  EXPECT_EQ(std::count(svg.begin(), svg.end(), 'L'), 3 * 260 - 2);
  for (size_t i = 5000; i < 9000; ++i) points[i].value = std::nan("");
  gap.Envelope("curve", "area", points);
  const std::string holed = gap.Svg("gap");
  EXPECT_EQ(std::count(holed.begin(), holed.end(), 'Z'), 2);
  EXPECT_THAT(holed, Not(HasSubstr("nan")));
}

std::vector<std::string> Labels(Window window, const std::string& zone, size_t most = 8) {
  std::vector<std::string> out;
  for (const auto& tick : TimeTicks(window, *TimeZone::Open(zone), most)) out.push_back(tick.label);
  return out;
}

TEST(TimeAxis, HasRoundTimesOfTheZone) {
  const Time begin = *ParseTime("2026-10-23T22:10:00Z");
  EXPECT_THAT(Labels({begin, begin + hours(1)}, "UTC"),
              ElementsAre("22:10", "22:20", "22:30", "22:40", "22:50", "23:00", "23:10"));
  // Summer time ends on the 25th: midnights stay midnights.
  EXPECT_THAT(Labels({begin, begin + hours(96)}, "Europe/Berlin"),
              ElementsAre("12:00", "Sun 25", "12:00", "Mon 26", "12:00", "Tue 27", "12:00"));
  for (const int days : {1, 7, 20, 45, 400}) {
    const auto labels = Labels({begin, begin + hours(24 * days)}, "UTC");
    EXPECT_LE(labels.size(), 8u) << days;
    EXPECT_GE(labels.size(), 3u) << days;
  }
  EXPECT_EQ(Midnights({begin, begin + hours(48)}, *TimeZone::Open("UTC")).size(), 2u);
}

BacktestOutcome StartingAt(const std::vector<const char*>& times) {
  BacktestOutcome outcome;
  outcome.entities.emplace_back();
  outcome.entities[0].key = {"web", "nas"};
  for (const char* time : times) {
    Episode episode;
    episode.anomaly.key = {"web", "nas"};
    episode.anomaly.started_at = *ParseTime(time);
    outcome.episodes.push_back(episode);
  }
  return outcome;
}

TEST(Habits, AreTheSameHourOnThreeDays) {
  const TimeZone utc = *TimeZone::Open("UTC");
  const auto nightly =
      Habits(StartingAt({"2026-11-01T23:50:00Z", "2026-11-03T00:10:00Z", "2026-11-04T00:05:00Z",
                         "2026-11-04T12:00:00Z", "2026-11-04T18:00:00Z"}),
             utc);
  ASSERT_EQ(nightly.size(), 1u);
  EXPECT_THAT(HabitTexts(nightly)[0],
              "3 of the 5 episodes of nas began between 23:50 and 00:10, on 3 days");
  EXPECT_THAT(HabitTexts(nightly)[1], HasSubstr("aiopsctl expected ID"));
  // Twice in one night is one day.
  EXPECT_TRUE(
      Habits(StartingAt({"2026-11-01T02:00:00Z", "2026-11-01T02:30:00Z", "2026-11-02T02:30:00Z"}),
             utc)
          .empty());
  EXPECT_TRUE(HabitTexts({}).empty());
}

Anomaly About(double value, double lower, double upper) {
  Anomaly a;
  a.key = {"web", "nas"};
  a.started_at = a.last_seen_at = kQuarter;
  a.contributions = {{"disk", "%", value, lower, lower, upper, 0.9}, {"cpu", "%", 5, 4, 0, 9, 0.1}};
  return a;
}

TEST(Figures, AxesStayWithinWhatTheFeatureCanBe) {
  EntityOutcome entity;
  entity.features.resize(2);
  entity.features[0].name = "disk";
  entity.features[0].unit = "%";
  entity.features[1].name = "cpu";
  for (int i = -20; i <= 20; ++i) {
    entity.curve.push_back({kQuarter + minutes(i)});
    entity.bands.push_back({i < 0 ? 4.0f : 99.0f, 0, i < 0 ? 10.0f : 5000.0f});
    entity.bands.push_back({5, 0, 9});
  }
  const std::string html = FeatureFigures(About(99, 0, 10), entity, *TimeZone::Open("UTC"));
  EXPECT_THAT(html, AllOf(HasSubstr(">100 %<"), HasSubstr(">0 %<")));  // neither 104 % nor 5000 %
  EXPECT_THAT(html, Not(HasSubstr("cpu")));                            // it was within its band
  EXPECT_THAT(html, HasSubstr("right:50.00%\">22:15<"));               // its begin
}

}  // namespace
}  // namespace aiops
