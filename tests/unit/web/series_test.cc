#include "web/series.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/manual_clock.h"
#include "sample_view.h"

namespace aiops {
namespace {

using nlohmann::json;

class SeriesTest : public testing::Test {
 protected:
  SeriesTest() : clock_(kViewTime), store_(*Store::Open({}, clock_)), view_(SampleView()) {
    view_->entities[0].key = key_;
  }

  Time At(int minutes_ago) const { return FloorTo(kViewTime, minutes(1)) - minutes(minutes_ago); }

  // cpu_percent and memory_percent.
  void AddSample(int minutes_ago, double cpu, double memory) {
    changes_.samples.push_back(
        {key_, At(minutes_ago), SchemaHash(view_->scopes[0]), 0, {cpu, memory}});
  }
  void Commit() { ASSERT_TRUE(store_->Commit(std::exchange(changes_, {}))); }

  json AskSeries(std::map<std::string, std::string> params) {
    WebRequest request;
    request.params = std::move(params);
    const WebResponse answer = Series(*view_, *store_, kViewTime, request);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }
  int SeriesStatus(std::map<std::string, std::string> params) {
    WebRequest request;
    request.params = std::move(params);
    return Series(*view_, *store_, kViewTime, request).status;
  }

  const EntityKey key_{"server", "home"};
  ManualClock clock_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<View> view_;
  Changes changes_;
};

TEST_F(SeriesTest, HasOneStepPerIntervalAndLeavesGaps) {
  for (int ago = 40; ago >= 0; --ago) {
    if (ago != 5) AddSample(ago, 10 + ago, kMissing);
  }
  Commit();
  const json series = AskSeries({{"entity", "home"}});
  EXPECT_EQ(series["step_seconds"], 60.0);
  const json& cpu = series["features"][0];
  ASSERT_EQ(cpu["low"].size(), 41u);
  EXPECT_EQ(cpu["low"][0], 50.0);
  EXPECT_EQ(cpu["low"][40], 10.0);
  EXPECT_TRUE(cpu["low"][35].is_null());
  EXPECT_EQ(cpu["value"], 93.0);
  EXPECT_EQ(cpu["upper"], 30.0);
  EXPECT_TRUE(series["features"][1]["high"][3].is_null());
  EXPECT_TRUE(series["features"][1]["value"].is_null());
}

// Between two rounds samples come that nobody has judged.
TEST_F(SeriesTest, CurvesEndAtTheMomentOfTheValues) {
  view_->entities[0].sampled_at = At(2);
  for (int ago = 40; ago >= 0; --ago) AddSample(ago, ago < 2 ? 7 : 93, 40);
  Commit();
  const json series = AskSeries({{"entity", "home"}});
  EXPECT_EQ(series["sampled_at"], FormatTime(At(2)));
  const json& cpu = series["features"][0];
  ASSERT_EQ(cpu["high"].size(), 39u);
  EXPECT_EQ(cpu["high"][38], cpu["value"]);
  EXPECT_EQ(std::count(cpu["low"].begin(), cpu["low"].end(), json(7.0)), 0);
}

TEST_F(SeriesTest, RemarksOnValuesOutsideTheirBands) {
  FeatureScore& cpu = view_->entities[0].score.features[0];
  EXPECT_EQ(AskSeries({{"entity", "home"}})["features"][0]["remark"], "unusual");
  cpu.anomalous = false;
  cpu.gate = Gate::kMinDeviation;
  const json features = AskSeries({{"entity", "home"}})["features"];
  EXPECT_EQ(features[0]["remark"], "outside, but by less than counts");
  EXPECT_TRUE(features[1]["remark"].is_null());
}

TEST_F(SeriesTest, KeepsSpikesHoweverLongItIs) {
  for (int ago = 6 * 60 - 1; ago >= 0; --ago) AddSample(ago, ago == 123 ? 99.12345 : 10, 40);
  Commit();
  const json series = AskSeries({{"entity", "home"}, {"hours", "6"}, {"feature", "cpu_percent"}});
  ASSERT_EQ(series["features"].size(), 1u);
  const json& high = series["features"][0]["high"];
  EXPECT_EQ(series["step_seconds"], 240.0);
  EXPECT_LE(high.size(), 97u);
  EXPECT_EQ(std::count(high.begin(), high.end(), json(99.12)), 1);
}

TEST_F(SeriesTest, TellsTheWorstVerdictOfEachStep) {
  for (int ago = 190; ago >= 0; --ago) {
    AddSample(ago, 10, 40);
    const Verdict verdict = ago == 1 ? Verdict::kWarning : Verdict::kNormal;
    changes_.judgements.push_back({key_, At(ago), 0.5, 0.5, 1, verdict, Gate::kNone});
  }
  Commit();
  const json verdicts = AskSeries({{"entity", "home"}})["verdicts"];
  EXPECT_EQ(std::count(verdicts.begin(), verdicts.end(), json("warning")), 1);
  EXPECT_EQ(verdicts[0], "normal");
}

TEST_F(SeriesTest, ReadsSamplesOfOtherFeatures) {
  changes_.schemas.push_back({77, {"memory_percent", "gone"}});
  changes_.samples.push_back({key_, At(2), 77, 0, {41, 1}});
  changes_.samples.push_back({key_, At(1), 78, 0, {1, 2, 3}});
  AddSample(0, 10, 42);
  Commit();
  const json memory = AskSeries({{"entity", "home"}})["features"][1]["low"];
  EXPECT_EQ(memory[27], 41.0);
  EXPECT_TRUE(memory[28].is_null());
  EXPECT_EQ(memory[29], 42.0);
}

TEST_F(SeriesTest, KnowsWhoIsWatched) {
  EXPECT_EQ(SeriesStatus({{"entity", "home"}}), 200);
  EXPECT_EQ(SeriesStatus({{"entity", "home"}, {"scope", "other"}}), 404);
  EXPECT_EQ(SeriesStatus({{"entity", "nobody"}}), 404);
}

}  // namespace
}  // namespace aiops
