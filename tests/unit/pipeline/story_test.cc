#include "pipeline/story.h"

#include <gmock/gmock.h>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kSchema = 7;

Time At(int minute) { return kStart + minutes(minute); }

Anomaly Learned(int begin, int end) {
  Anomaly a;
  a.id = 1;
  a.key = kWeb;
  a.started_at = At(begin);
  a.last_seen_at = At(end);
  a.contributions = {{"errors", "", 9, 2, 1, 3, 0.6}, {"latency", "ms", 900, 100, 50, 150, 0.4}};
  return a;
}

Anomaly FactAt(int minute) {
  Anomaly a;
  a.id = 2;
  a.key = kWeb;
  a.kind = AnomalyKind::kFact;
  a.fact = "container_down";
  a.object = "db";
  a.summary = "db is down";
  a.started_at = a.last_seen_at = At(minute);
  return a;
}

std::vector<std::string> Told(const std::vector<StoryStep>& steps) {
  std::vector<std::string> out;
  for (const StoryStep& step : steps) {
    const auto minute = step.time ? (*step.time - kStart) / minutes(1) : -1;
    out.push_back(step.name + " " + std::to_string(minute));
  }
  return out;
}

TEST(Story, OrdersFeaturesAndFactsByTheirBegin) {
  // Errors leave 1 to 3 at minute 3, latency leaves 50 to 150 at minute 2.
  std::vector<Sample> samples;
  for (int m = 0; m < 6; ++m)
    samples.push_back({kWeb, At(m), kSchema, 0, {m < 3 ? 2.0 : 9.0, m < 2 ? 100.0 : 900.0}});
  const auto steps =
      TellStory({FactAt(1), Learned(4, 5)}, samples, {{kSchema, {"errors", "latency"}}});
  EXPECT_THAT(Told(steps), ElementsAre("container_down 1", "latency 2", "errors 3"));
  EXPECT_EQ(steps[0].text, "db is down");
  EXPECT_EQ(steps[1].text, "latency reached 900 ms, expected 50 ms to 150 ms");
}

TEST(Story, AnEarlierExcursionThatEndedIsNotTheBegin) {
  std::vector<Sample> samples;
  for (int m = 0; m < 8; ++m)
    samples.push_back({kWeb, At(m), kSchema, 0, {m == 1 || m >= 5 ? 9.0 : 2.0, 100.0}});
  const auto steps = TellStory({Learned(5, 7)}, samples, {{kSchema, {"errors", "latency"}}});
  EXPECT_THAT(Told(steps), ElementsAre("errors 5", "latency -1"));
}

TEST(Story, WithoutSamplesOrBandsTheTimeIsUnknown) {
  Anomaly a = Learned(4, 5);
  EXPECT_THAT(Told(TellStory({a}, {}, {})), ElementsAre("errors -1", "latency -1"));
  const std::vector<Sample> samples{{kWeb, At(4), 99, 0, {9}},
                                    {kWeb, At(4), kSchema, 0, {kMissing}}};
  EXPECT_THAT(Told(TellStory({a}, samples, {{kSchema, {"errors"}}})),
              ElementsAre("errors -1", "latency -1"));
  a.contributions[0].lower = a.contributions[0].upper = kMissing;
  EXPECT_EQ(TellStory({a}, {}, {})[0].text, "errors reached 9");
}

TEST(Story, TellsTheEntitysOtherEpisodesOfThatTime) {
  ManualClock clock{kStart};
  const auto store = MemoryStore(clock);
  Anomaly elsewhere = FactAt(4), before = FactAt(-90);
  elsewhere.id = 3;
  elsewhere.key.entity = "other";
  before.id = 4;
  before.state = AnomalyState::kClosed;
  Anomaly fact = FactAt(4);
  fact.state = AnomalyState::kClosed;
  ASSERT_TRUE(store->Commit({.anomalies = {Learned(5, 6), fact, elsewhere, before}}));
  const auto story = ReadStory(*store, *store->ReadAnomaly(1).value());
  ASSERT_TRUE(story);
  EXPECT_THAT(Told(*story), ElementsAre("container_down 4", "errors -1", "latency -1"));
}

}  // namespace
}  // namespace aiops
