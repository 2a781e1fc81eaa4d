#include "pipeline/story.h"

#include <gmock/gmock.h>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using testing::ElementsAre;

using testing::HasSubstr;

constexpr std::uint64_t kSchema = 7;
const SchemaNames kSchemas{{kSchema, {"errors", "latency"}}};

Time At(int minute) { return kStart + minutes(minute); }

Anomaly Learned(int begin, int end, std::int64_t id = 1) {
  Anomaly a;
  a.id = id;
  a.key = kWeb;
  a.state = AnomalyState::kClosed;
  a.started_at = At(begin);
  a.last_seen_at = At(end);
  a.ended_at = At(end + 1);
  a.contributions = {{"errors", "", 9, 2, 1, 3, 0.6}, {"latency", "ms", 900, 100, 50, 150, 0.4}};
  return a;
}

Anomaly FactFrom(int begin, int end, std::int64_t id = 2) {
  Anomaly a = Learned(begin, end, id);
  a.kind = AnomalyKind::kFact;
  a.fact = "container_down";
  a.object = "db";
  a.summary = "db is down";
  a.contributions.clear();
  return a;
}

Sample SampleAt(int minute, double errors, double latency) {
  return {kWeb, At(minute), kSchema, 0, {errors, latency}};
}

// "errors 3": what, and in which minute; those of others with their id.
std::vector<std::string> Told(const Story& story, std::int64_t own = 1) {
  std::vector<std::string> out;
  for (const StoryStep& step : story.steps)
    out.push_back(step.name + " " + std::to_string((step.time - kStart) / minutes(1)) +
                  (step.anomaly_id == own ? "" : " of " + std::to_string(step.anomaly_id)));
  return out;
}

TEST(Story, OrdersFeaturesByTheirBeginWithTheValuesOfThen) {
  std::vector<Sample> samples;
  for (int m = 0; m < 6; ++m)
    samples.push_back(SampleAt(m, m < 3 ? 2 : 9, m < 2 ? 100 : m < 4 ? 400 : 900));
  const Story story = TellFeatures(Learned(4, 5), samples, kSchemas);
  EXPECT_THAT(Told(story), ElementsAre("latency 2", "errors 3"));
  EXPECT_EQ(story.steps[0].text, "latency 400 ms, expected 50 ms to 150 ms; later up to 900 ms");
  EXPECT_EQ(story.steps[1].text, "errors 9, expected 1 to 3");
  EXPECT_EQ(story.gap, "");
}

// The worst sample of all features together is seldom that of each of them.
TEST(Story, TellsTheFarthestValueOnTheSideOfTheDeviation) {
  std::vector<Sample> samples{SampleAt(4, 40, 30), SampleAt(5, 9, 20), SampleAt(6, 12, 990),
                              SampleAt(7, 0, 5)};
  Anomaly a = Learned(4, 7);
  a.contributions[1].value = 20;
  const Story story = TellFeatures(a, samples, kSchemas);
  EXPECT_EQ(story.steps[0].text, "errors 40, expected 1 to 3");
  EXPECT_EQ(story.steps[1].text, "latency 30 ms, expected 50 ms to 150 ms; later down to 5 ms");
}

TEST(Story, WhatNeverLeftItsBandDidNotMove) {
  Anomaly a = Learned(4, 5);
  a.contributions[1].value = 120;
  const std::vector<Sample> samples{SampleAt(4, 9, 400)};
  EXPECT_THAT(Told(TellFeatures(a, samples, kSchemas)), ElementsAre("errors 4"));
  a.contributions[0].lower = a.contributions[0].upper = kMissing;  // it has none
  const Story story = TellFeatures(a, samples, kSchemas);
  EXPECT_TRUE(story.steps.empty());
  EXPECT_EQ(story.gap, "");
}

TEST(Story, AnEarlierExcursionThatEndedIsNotTheBegin) {
  std::vector<Sample> samples;
  for (int m = 0; m < 8; ++m) samples.push_back(SampleAt(m, m == 1 || m >= 5 ? 9 : 2, 900));
  EXPECT_THAT(Told(TellFeatures(Learned(5, 7), samples, kSchemas)),
              ElementsAre("latency 0", "errors 5"));
}

TEST(Story, WhatTheSamplesDoNotTellIsOneSentenceAndNoStep) {
  const Anomaly a = Learned(4, 5);
  EXPECT_TRUE(TellFeatures(a, {}, {}).steps.empty());
  EXPECT_EQ(TellFeatures(a, {}, {}).gap,
            "Since when errors, latency deviated cannot be told: no values of then are kept.");
  const std::vector<Sample> samples{{kWeb, At(4), 99, 0, {9}}, SampleAt(5, kMissing, 900)};
  const Story story = TellFeatures(a, samples, kSchemas);
  EXPECT_THAT(Told(story), ElementsAre("latency 5"));
  EXPECT_THAT(story.gap, HasSubstr("Since when errors deviated"));
}

class StoredStory : public testing::Test {
 protected:
  // Errors are high in [first, last], latency never.
  void AddErrors(int first, int last, int until) {
    Changes changes;
    changes.schemas = {{kSchema, kSchemas.at(kSchema)}};
    for (int m = 0; m <= until; ++m)
      changes.samples.push_back(SampleAt(m, m >= first && m <= last ? 9 : 2, 100));
    ASSERT_TRUE(store_->Commit(changes));
  }
  Story Read(const Anomaly& anomaly) {
    auto story = ReadStory(*store_, anomaly);
    EXPECT_TRUE(story);
    return story ? *std::move(story) : Story{};
  }
  void Commit(std::vector<Anomaly> anomalies) {
    for (Anomaly& a : anomalies)
      if (!a.contributions.empty()) a.contributions.resize(1);  // errors
    ASSERT_TRUE(store_->Commit({.anomalies = anomalies}));
  }
  Anomaly Stored(std::int64_t id) { return *store_->ReadAnomaly(id).value(); }

  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
};

TEST_F(StoredStory, HoldsTheFactsOfThatTimeAndEntity) {
  Anomaly elsewhere = FactFrom(5, 9, 3), before = FactFrom(-90, -80, 4), after = FactFrom(9, 9, 5);
  elsewhere.key.entity = "other";
  before.object = "cache";
  after.object = "web";
  Commit({Learned(5, 6), FactFrom(4, 5), elsewhere, before, after});
  AddErrors(3, 6, 9);
  EXPECT_THAT(Told(Read(Stored(1))), ElementsAre("errors 3", "container_down 4 of 2"));
  // A fact tells the learned one during which it began, if there was one.
  EXPECT_THAT(Told(Read(Stored(5)), 5), ElementsAre("container_down 9"));
}

TEST_F(StoredStory, NeverTellsAnotherLearnedEpisode) {
  Anomaly other = Learned(5, 8, 1);
  other.contributions[0].value = 7;
  Commit({other, Learned(14, 18, 2)});
  AddErrors(4, 18, 20);  // all the time
  const Story second = Read(Stored(2));
  EXPECT_THAT(Told(second, 2), ElementsAre("errors 10"));  // the first one ended at 9
  EXPECT_EQ(second.gap, "");
  EXPECT_THAT(Told(Read(Stored(1))), ElementsAre("errors 4"));
}

TEST_F(StoredStory, AFactThatCameAgainIsToldOnce) {
  Commit({Learned(5, 20), FactFrom(6, 7, 2), FactFrom(12, 13, 3)});
  AddErrors(5, 20, 20);
  EXPECT_THAT(Told(Read(Stored(1))), ElementsAre("errors 5", "container_down 6 of 2"));
  EXPECT_THAT(Told(Read(Stored(3)), 3), ElementsAre("errors 5 of 1", "container_down 12"));
}

}  // namespace
}  // namespace aiops
