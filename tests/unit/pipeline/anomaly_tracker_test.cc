#include "pipeline/anomaly_tracker.h"

#include <gtest/gtest.h>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using Changed = std::vector<Anomaly>;

class AnomalyTrackerTest : public ::testing::Test {
 protected:
  AnomalyTrackerTest() {
    scope_.name = "web";
    scope_.features.resize(2);
    scope_.features[0].name = "errors";
    scope_.features[1].name = "latency";
  }

  Changed See(Verdict verdict, Effect effect = Effect::kFull, double score = 2) {
    Score s;
    s.verdict = verdict;
    s.score = score;
    s.features.resize(2);
    s.features[0].contribution = score;
    s.features[0].value = score;
    return tracker_.Observe(scope_, kWeb, {}, Next(), s, effect);
  }
  Changed Facts(const std::vector<Fact>& facts, bool unknown = false, bool gated = false) {
    std::vector<TrackedFact> tracked;
    for (const auto& fact : facts) tracked.push_back({kWeb, fact});
    return tracker_.ObserveFacts(
        Next(), tracked, [&](const std::string&, std::optional<size_t>) { return unknown; },
        [&](const EntityKey&) { return gated; });
  }
  Time Next() { return kStart + minutes(minute_++); }

  Scope scope_;
  AnomalyTracker tracker_{{.close_after = 3, .fact_close_after = 2}};
  int minute_ = 0;
};

TEST_F(AnomalyTrackerTest, WhatIsNotAWarningOpensNothing) {
  for (const auto verdict : {Verdict::kUnknown, Verdict::kNormal, Verdict::kLogOnly})
    EXPECT_TRUE(See(verdict).empty());
  EXPECT_TRUE(tracker_.open().empty());
}

TEST_F(AnomalyTrackerTest, AnEpisodeOpensOnceAndKeepsItsId) {
  const Changed first = See(Verdict::kWarning);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].started_at, kStart);
  const Changed second = See(Verdict::kWarning);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].id, first[0].id);
  EXPECT_EQ(second[0].started_at, kStart);
  EXPECT_EQ(second[0].last_seen_at, kStart + minutes(1));
  EXPECT_EQ(tracker_.open().size(), 1u);
  EXPECT_EQ(tracker_.opened_total().at({"warning", "web", "learned"}), 1u);
}

TEST_F(AnomalyTrackerTest, SeverityOnlyRisesAndTheWorstSampleExplains) {
  See(Verdict::kWarning, Effect::kFull, 2);
  EXPECT_EQ(See(Verdict::kCritical, Effect::kFull, 5).at(0).severity, Severity::kCritical);
  const Anomaly after = See(Verdict::kWarning, Effect::kFull, 3).at(0);
  EXPECT_EQ(after.severity, Severity::kCritical);
  EXPECT_EQ(after.score, 5);
  ASSERT_FALSE(after.contributions.empty());
  EXPECT_EQ(after.contributions[0].value, 5);
}

TEST_F(AnomalyTrackerTest, ClosesAfterSoManyQuietSamplesInARow) {
  const auto id = See(Verdict::kWarning).at(0).id;
  EXPECT_TRUE(See(Verdict::kNormal).empty());
  EXPECT_TRUE(See(Verdict::kLogOnly).empty());
  EXPECT_EQ(See(Verdict::kWarning).size(), 1u);  // begins to count anew
  EXPECT_TRUE(See(Verdict::kNormal).empty());
  EXPECT_TRUE(See(Verdict::kNormal).empty());
  const Changed closed = See(Verdict::kNormal);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].id, id);
  EXPECT_EQ(closed[0].state, AnomalyState::kClosed);
  EXPECT_EQ(closed[0].ended_at, kStart + minutes(6));
  EXPECT_TRUE(tracker_.open().empty());
  EXPECT_EQ(tracker_.recently_closed().size(), 1u);
  EXPECT_GT(See(Verdict::kWarning).at(0).id, id);
}

TEST_F(AnomalyTrackerTest, UnknownIsNeitherQuietNorAlarming) {
  See(Verdict::kWarning);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(See(Verdict::kUnknown).empty());
  EXPECT_EQ(tracker_.open().size(), 1u);
  See(Verdict::kNormal);
  See(Verdict::kUnknown);
  See(Verdict::kNormal);
  EXPECT_EQ(tracker_.open().size(), 1u);
  EXPECT_EQ(See(Verdict::kNormal).size(), 1u);
}

TEST_F(AnomalyTrackerTest, GatedSamplesOpenNothingButMayClose) {
  EXPECT_TRUE(See(Verdict::kCritical, Effect::kMayClose).empty());
  EXPECT_TRUE(tracker_.open().empty());
  See(Verdict::kWarning);
  for (int i = 0; i < 3; ++i) See(Verdict::kNormal, Effect::kMayClose);
  EXPECT_TRUE(tracker_.open().empty());
}

TEST_F(AnomalyTrackerTest, AnOpenEpisodeThatGoesOnOutlivesAMute) {
  const auto id = See(Verdict::kWarning).at(0).id;
  for (int i = 0; i < 10; ++i) {
    const Changed changed = See(Verdict::kCritical, Effect::kMayClose);
    ASSERT_EQ(changed.size(), 1u);
    EXPECT_EQ(changed[0].severity, Severity::kWarning);  // what is muted worsens nothing
  }
  EXPECT_EQ(See(Verdict::kWarning).at(0).id, id);
}

TEST_F(AnomalyTrackerTest, AnAlarmOfThePastIsNotQuiet) {
  EXPECT_TRUE(See(Verdict::kCritical, Effect::kPast).empty());
  EXPECT_TRUE(tracker_.open().empty());
  const auto id = See(Verdict::kWarning).at(0).id;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(See(Verdict::kCritical, Effect::kPast).empty());
  EXPECT_EQ(See(Verdict::kWarning).at(0).id, id);  // the same episode goes on
  See(Verdict::kNormal, Effect::kPast);
  See(Verdict::kNormal, Effect::kPast);
  EXPECT_EQ(See(Verdict::kNormal, Effect::kPast).size(), 1u);
}

TEST_F(AnomalyTrackerTest, AClockThatWasSetBackDoesNotFreezeAnEpisode) {
  minute_ = 600;
  const auto id = See(Verdict::kWarning).at(0).id;
  minute_ = 10;
  const Changed worse = See(Verdict::kCritical);
  ASSERT_EQ(worse.size(), 1u);
  EXPECT_EQ(worse[0].id, id);
  EXPECT_EQ(worse[0].severity, Severity::kCritical);
  EXPECT_EQ(worse[0].last_seen_at, kStart + minutes(10));
  EXPECT_LE(worse[0].started_at, worse[0].last_seen_at);
  See(Verdict::kNormal);
  See(Verdict::kNormal);
  EXPECT_EQ(See(Verdict::kNormal).size(), 1u);
}

TEST_F(AnomalyTrackerTest, OnlyLearnedEpisodesOfVanishedEntitiesClose) {
  See(Verdict::kWarning);
  Facts({FactOf("container_down", "db")});
  const auto none = [](const EntityKey&) { return false; };
  const auto web = [](const EntityKey& key) { return key == kWeb; };
  EXPECT_TRUE(tracker_.CloseVanished(Next(), none).empty());
  const Changed closed = tracker_.CloseVanished(Next(), web);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].kind, AnomalyKind::kLearned);
  EXPECT_EQ(closed[0].state, AnomalyState::kClosed);
  EXPECT_EQ(tracker_.open().size(), 1u);
}

TEST_F(AnomalyTrackerTest, OlderSamplesThanTheNewestOneChangeNothing) {
  minute_ = 10;
  See(Verdict::kWarning);
  minute_ = 0;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(See(Verdict::kNormal, Effect::kPast).empty());
  ASSERT_EQ(tracker_.open().size(), 1u);
  EXPECT_EQ(tracker_.open()[0].last_seen_at, kStart + minutes(10));
}

Score Alarming() {
  Score score;
  score.verdict = Verdict::kWarning;
  score.score = 2;
  score.features.resize(2);
  return score;
}

TEST_F(AnomalyTrackerTest, GoesOnAfterARestartWithoutRepeating) {
  const Anomaly before = See(Verdict::kCritical).at(0);
  AnomalyTracker after({.close_after = 3, .fact_close_after = 2});
  after.Restore({before}, 41);
  EXPECT_TRUE(after.opened_total().empty());
  const Changed same = after.Observe(scope_, kWeb, {}, Next(), Alarming(), Effect::kFull);
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(same[0].id, before.id);
  EXPECT_EQ(same[0].severity, Severity::kCritical);
  EXPECT_TRUE(after.opened_total().empty());
  const Changed other =
      after.Observe(scope_, {"web", "other"}, {}, Next(), Alarming(), Effect::kFull);
  EXPECT_EQ(other.at(0).id, 42);  // above everything that was ever stored
}

TEST_F(AnomalyTrackerTest, AFactOpensAtOnceAndClosesAfterTwoTicksWithoutIt) {
  const Fact down = FactOf("container_down", "db", Severity::kCritical);
  const Changed opened = Facts({down});
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].kind, AnomalyKind::kFact);
  EXPECT_EQ(opened[0].object, "db");
  EXPECT_EQ(opened[0].severity, Severity::kCritical);
  EXPECT_TRUE(Facts({down}).empty());  // nothing new to say
  EXPECT_TRUE(Facts({}).empty());
  const Changed closed = Facts({});
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].id, opened[0].id);
  EXPECT_EQ(closed[0].state, AnomalyState::kClosed);
}

TEST_F(AnomalyTrackerTest, FactsOfASourceThatDoesNotAnswerStay) {
  Facts({FactOf("container_down", "db")});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Facts({}, /*unknown=*/true).empty());
  EXPECT_EQ(tracker_.open().size(), 1u);
}

TEST_F(AnomalyTrackerTest, WhoReportedAFactIsAskedWhetherItIsSilent) {
  std::vector<std::optional<size_t>> asked;
  const auto silent = [&](const std::string&, std::optional<size_t> collector) {
    asked.push_back(collector);
    return true;
  };
  tracker_.ObserveFacts(Next(), {{kWeb, FactOf("disk_full", "/"), 3}}, silent,
                        [](const EntityKey&) { return false; });
  tracker_.ObserveFacts(Next(), {}, silent, [](const EntityKey&) { return false; });
  AnomalyTracker after({.close_after = 3, .fact_close_after = 2});
  after.Restore(tracker_.open(), 0);
  after.ObserveFacts(Next(), {}, silent, [](const EntityKey&) { return false; });
  EXPECT_EQ(asked, (std::vector<std::optional<size_t>>{3, std::nullopt}));
}

TEST_F(AnomalyTrackerTest, OfTwoSourcesOfOneFactTheFirstWordsIt) {
  Fact second = FactOf("disk_full", "/");
  second.summary = "another sentence";
  EXPECT_EQ(Facts({FactOf("disk_full", "/"), second}).size(), 1u);
  EXPECT_TRUE(Facts({FactOf("disk_full", "/"), second}).empty());
  EXPECT_EQ(tracker_.open().at(0).summary, "/: disk_full");
}

TEST_F(AnomalyTrackerTest, WhatTheSourceFoundIsEvidence) {
  Fact down = FactOf("container_down", "db");
  down.since = kStart;
  down.details = {{"exit_code", "137"}, {"output", "\xff\"quoted\""}};
  EXPECT_EQ(Facts({down}).at(0).evidence,
            R"([{"id":"E1","time":"2023-11-14T22:14:00Z","text":"exit_code: 137"},)"
            "{\"id\":\"E2\",\"time\":\"2023-11-14T22:14:00Z\",\"text\":\"output: "
            "\ufffd\\\"quoted\\\"\"}]");
}

TEST_F(AnomalyTrackerTest, EachObjectOfAFactIsItsOwnEpisode) {
  EXPECT_EQ(Facts({FactOf("disk_full", "/"), FactOf("disk_full", "/var")}).size(), 2u);
  Facts({FactOf("disk_full", "/")});
  const Changed closed = Facts({FactOf("disk_full", "/")});
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].object, "/var");
}

TEST_F(AnomalyTrackerTest, AFactMayEscalateAndItsSentenceFollows) {
  Facts({FactOf("disk_full", "/")});
  EXPECT_EQ(Facts({FactOf("disk_full", "/", Severity::kCritical)}).at(0).severity,
            Severity::kCritical);
  EXPECT_TRUE(Facts({FactOf("disk_full", "/")}).empty());
  EXPECT_EQ(tracker_.open().at(0).severity, Severity::kCritical);
  Fact worded = FactOf("disk_full", "/");
  worded.summary = "/ is 99 % full";
  EXPECT_EQ(Facts({worded}).at(0).summary, "/ is 99 % full");
}

TEST_F(AnomalyTrackerTest, AGatedFactOpensOnceItIsGatedNoMore) {
  EXPECT_TRUE(Facts({FactOf("disk_full", "/")}, false, /*gated=*/true).empty());
  EXPECT_EQ(Facts({FactOf("disk_full", "/")}).size(), 1u);
}

TEST_F(AnomalyTrackerTest, AFactBeganWhenItsSourceSaysSoButNeverInTheFuture) {
  Fact early = FactOf("disk_full", "/");
  early.since = kStart - hours(2);
  Fact late = FactOf("disk_full", "/var");
  late.since = kStart + hours(2);
  const Changed opened = Facts({early, late});
  ASSERT_EQ(opened.size(), 2u);
  EXPECT_EQ(opened[0].started_at, kStart - hours(2));
  EXPECT_EQ(opened[1].started_at, kStart);
}

TEST_F(AnomalyTrackerTest, AcknowledgingTwiceKeepsTheFirst) {
  const auto id = See(Verdict::kWarning).at(0).id;
  EXPECT_EQ(tracker_.Acknowledge(id, kStart, "ann", "known")->acknowledged_by, "ann");
  const auto again = tracker_.Acknowledge(id, kStart + minutes(1), "bob", "me too");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->acknowledged_by, "ann");
  EXPECT_EQ(again->acknowledged_why, "known");
  EXPECT_EQ(again->acknowledged_at, kStart);
  EXPECT_FALSE(tracker_.Acknowledge(id + 1, kStart, "ann", ""));
}

TEST_F(AnomalyTrackerTest, OldEndingsAreForgotten) {
  See(Verdict::kWarning);
  for (int i = 0; i < 3; ++i) See(Verdict::kNormal);
  tracker_.ForgetClosedBefore(kStart + minutes(3));
  EXPECT_EQ(tracker_.recently_closed().size(), 1u);
  tracker_.ForgetClosedBefore(kStart + minutes(4));
  EXPECT_TRUE(tracker_.recently_closed().empty());
}

}  // namespace
}  // namespace aiops
