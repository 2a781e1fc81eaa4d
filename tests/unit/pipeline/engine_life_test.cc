// What the engine makes of a life with restarts, vanished entities, changed features and clocks.
#include <gtest/gtest.h>

#include "engine_harness.h"

namespace aiops {
namespace {

class EngineLife : public EngineHarness {
 protected:
  // The same scope, with an entity for every instance.
  void Label() {
    config_.scopes[0].entity_labels = {"instance"};
    Restart();
  }
  RoundReport StepOf(const std::string& instance, const std::vector<double>& values) {
    Tick(Readings(values, {{"instance", instance}}));
    return Round();
  }
  bool Shows(const std::string& entity) const {
    const View view = Shown();
    return std::any_of(view.entities.begin(), view.entities.end(),
                       [&](const EntityView& e) { return e.key.entity == entity; });
  }
  void Train() {
    size_t best = 0;
    auto sets = AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
    ASSERT_FALSE(sets.empty());
    engine_->Adopt(Engine::Fit(std::move(sets[0])), MinuteTick(minute_).end);
  }
};

TEST_F(EngineLife, AnEntityThatVanishesTakesItsEpisodeAlong) {
  Label();
  for (int i = 0; i < 12; ++i) StepOf("a", QuietValues(i));
  StepOf("a", BurstValues());
  ASSERT_EQ(Stored().size(), 1u);
  for (int i = 0; i < 4; ++i) StepOf("b", QuietValues(i));
  EXPECT_TRUE(Shows("a"));
  EXPECT_EQ(Shown().entities.at(0).verdict, Verdict::kUnknown);  // silent for three intervals
  EXPECT_TRUE(Shown().entities.at(0).score.features.empty());
  EXPECT_EQ(Stored()[0].state, AnomalyState::kOpen);
  for (int i = 0; i < 12; ++i) StepOf("b", QuietValues(i));
  EXPECT_FALSE(Shows("a"));
  EXPECT_EQ(Stored()[0].state, AnomalyState::kClosed);
}

TEST_F(EngineLife, AnEpisodeOfARenamedEntityEnds) {
  Quiet(12);
  Step(BurstValues());
  config_.collect.entity = "other";
  Restart();
  Step(QuietValues(minute_));
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].state, AnomalyState::kClosed);
}

TEST_F(EngineLife, AfterALongTimeOffStateAndModelAreStillThere) {
  Quiet(40);
  Train();
  minute_ += 3 * 24 * 60;
  Restart();
  EXPECT_TRUE(Shown().entities.at(0).model.present);
  EXPECT_NE(Step(QuietValues(minute_)).judged.at(0).score.verdict, Verdict::kUnknown);
}

TEST_F(EngineLife, UntilItsFirstRoundARestartedEngineClaimsNothing) {
  Quiet(12);
  Restart();
  const EntityView e = Shown().entities.at(0);
  EXPECT_EQ(e.verdict, Verdict::kUnknown);
  EXPECT_TRUE(e.reason.starts_with(
      "the first round since the start, or the reload, has not run yet; it is due at "));
  EXPECT_EQ(e.judged_at, Time{});
  EXPECT_TRUE(IsMissing(e.score.coverage));
  EXPECT_TRUE(IsMissing(e.score.warmup));
  EXPECT_FALSE(e.ready_at);
}

TEST_F(EngineLife, SaysWhenTheFirstRoundIsDue) {
  config_.detect.interval = minutes(5);
  Tick(Readings(QuietValues(0)));
  View view;
  view.built_at = MinuteTick(2).end;
  engine_->Fill(view);
  EXPECT_EQ(view.entities.at(0).reason,
            "the first round since the start, or the reload, has not run yet; it is due at " +
                FormatTime(FloorTo(view.built_at, minutes(5)) + minutes(5)));
}

TEST_F(EngineLife, NamesWhatHasNoValueAndWhoMayKnowWhy) {
  Step({kMissing, kMissing, 5});
  EXPECT_EQ(Shown().entities.at(0).reason,
            "too few features have values: 33 %, 50 % are needed, without one: errors, "
            "latency; see first the notes of host; what nothing here measures: "
            "scopes.web.features.NAME.enabled: false");
}

TEST_F(EngineLife, AnIncidentThatGoesOnOverADowntimeIsOneEpisode) {
  Quiet(12);
  Step(BurstValues());
  const auto id = Stored().at(0).id;
  Restart();
  minute_ += 5;
  Collected late = Readings(BurstValues());
  for (int m = 14; m < minute_ + 1; ++m)
    late.past.push_back({MinuteTick(m).end, Readings(BurstValues()).readings});
  Tick(late);
  Round();
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].id, id);
  EXPECT_EQ(Stored()[0].state, AnomalyState::kOpen);
}

TEST_F(EngineLife, WhatIsOldAtTheStartIsJudgedWithoutAlert) {
  Quiet(12);
  Tick(Readings(BurstValues()));
  minute_ += 60;
  Restart();
  const RoundReport report = Round();
  ASSERT_EQ(report.judged.size(), 1u);
  EXPECT_EQ(report.judged[0].score.gate, Gate::kBackfill);
  EXPECT_TRUE(Stored().empty());
}

TEST_F(EngineLife, AClockThatWasSetBackBlindsNobody) {
  Quiet(12);
  minute_ += 600;
  Quiet(1);
  minute_ -= 600;
  EXPECT_EQ(Step(QuietValues(minute_)).judged.size(), 1u);
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);
  EXPECT_EQ(Stored().size(), 1u);
  Restart();
  EXPECT_EQ(Step(BurstValues()).judged.size(), 1u);
  Quiet(3);
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kClosed);
}

TEST_F(EngineLife, TheBootGraceMovesWithTheClock) {
  Quiet(12);
  Restart(/*silent_until=*/MinuteTick(600).end);
  engine_->ClockSetBack(hours(10));
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);
}

TEST_F(EngineLife, ChangedFeaturesAreLearnedFromWhatIsStored) {
  Quiet(40);
  Train();
  EXPECT_FALSE(engine_->wants_training());
  auto& features = config_.scopes[0].features;
  std::swap(features[0], features[1]);  // latency, errors, requests, queue
  features.push_back(features[2]);
  features[3].name = features[3].expr = "queue";
  Restart();
  EXPECT_TRUE(engine_->wants_training());
  Train();
  EXPECT_EQ(Shown().entities.at(0).model.rows, 40u);
  const auto before = store_->ReadJudgements(kWeb, {kStart, MinuteTick(minute_).end});
  const auto quiet = QuietValues(minute_);
  const RoundReport report = Step({quiet[1], quiet[0], quiet[2], 7});
  EXPECT_EQ(report.worst, Verdict::kNormal);  // warm at once, in the new order
  const Score& score = report.judged.back().score;
  EXPECT_NEAR(score.features.at(0).expected, 100, 5);
  EXPECT_NEAR(score.features.at(1).expected, 2, 0.5);
  const auto after = store_->ReadJudgements(kWeb, {kStart, MinuteTick(minute_ - 1).end});
  ASSERT_TRUE(before && after);
  ASSERT_EQ(after->size(), before->size());  // the history of verdicts stays
  EXPECT_EQ(after->back().gate, before->back().gate);
}

TEST_F(EngineLife, AFactOfTwoSourcesEndsWithTheOneThatReportedIt) {
  const Collected full{.facts = {FactOf("disk_full", "/")}};
  Tick(full, Unavailable("no Prometheus"));
  for (int i = 0; i < 5; ++i) Tick(full, Unavailable("no Prometheus"));
  EXPECT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Shown().facts.size(), 1u);
  Tick(Collected{}, Unavailable("no Prometheus"));
  Tick(Collected{}, Unavailable("no Prometheus"));
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kClosed);
}

TEST_F(EngineLife, AfterARestartAFactStaysWhileASourceOfItIsSilent) {
  Tick(Collected{.facts = {FactOf("disk_full", "/")}});
  Restart();
  for (int i = 0; i < 3; ++i) Tick(Collected{}, Unavailable("no Prometheus"));
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kOpen);
  Tick(Collected{}, Collected{});
  Tick(Collected{}, Collected{});
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kClosed);
}

TEST_F(EngineLife, AnEndIsToldAgainAfterARestart) {
  config_.scopes[0].interval = minutes(5);
  config_.detect.close_after = 3;
  for (int i = 0; i < 12 * 5; ++i) Step(QuietValues(minute_));
  for (int i = 0; i < 5; ++i) Step(BurstValues());
  while (Stored().at(0).state == AnomalyState::kOpen) Step(QuietValues(minute_));
  Restart();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].state, AnomalyState::kClosed);
}

// Also where no round has left a state yet.
TEST_F(EngineLife, WhatNoRoundHasSeenBeforeARestartIsJudgedAfterIt) {
  for (int i = 0; i < 4; ++i) Tick(Readings(QuietValues(minute_)));
  Restart();
  Tick(Readings(QuietValues(minute_)));
  const RoundReport report = Round();
  ASSERT_EQ(report.judged.size(), 5u);
  for (const Judged& judged : report.judged)
    EXPECT_EQ(judged.flags & (kBackfill | kRelearned), 0u) << FormatTime(judged.time);
  EXPECT_EQ(store_->ReadJudgements(kWeb, {MinuteTick(0).end, MinuteTick(minute_).end})->size(), 5u);
}

TEST_F(EngineLife, TheStateOfAnExpiredEntityGoesWithIt) {
  Label();
  for (int i = 0; i < 30; ++i) StepOf("a", QuietValues(i));
  Train();
  const EntityKey key{"web", "a"};
  const std::string name = StateName(key);
  ASSERT_TRUE(store_->ReadState(name).value().has_value());
  ASSERT_TRUE(store_->ReadModelInUse(key).value().has_value());
  const Time later = MinuteTick(minute_).end + hours(24 * 31);
  for (int i = 0; i < 20; ++i) engine_->Housekeep(later);
  EXPECT_FALSE(store_->ReadState(name).value().has_value());
  EXPECT_FALSE(store_->ReadModelInUse(key).value().has_value());
}

}  // namespace
}  // namespace aiops
