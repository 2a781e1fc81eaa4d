#include "pipeline/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine_harness.h"

namespace aiops {
namespace {

using testing::HasSubstr;
using testing::Not;

using EngineTest = EngineHarness;

TEST_F(EngineTest, ShowsABandThatEndsWhereTheFeatureEnds) {
  for (int i = 0; i < 8; ++i) Step({i % 2 ? 9.0 : 0.0, 100, 10});
  const View shown = Shown();
  const FeatureScore& errors = shown.entities.at(0).score.features.at(0);
  EXPECT_EQ(errors.lower, 0);
  EXPECT_GT(errors.upper, errors.expected);
}

TEST_F(EngineTest, SteadyTicksWarmUpAndAreNormal) {
  EXPECT_EQ(Step(QuietValues(0)).worst, Verdict::kUnknown);
  Quiet(9);
  const RoundReport report = Step(QuietValues(10));
  ASSERT_EQ(report.judged.size(), 1u);
  EXPECT_EQ(report.worst, Verdict::kNormal);
  EXPECT_EQ(report.judged[0].key, kWeb);
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(StoredSamples().size(), 11u);
  EXPECT_EQ(Shown().entities.at(0).verdict, Verdict::kNormal);
  EXPECT_EQ(Shown().rounds_total, 11u);
}

TEST_F(EngineTest, ABurstOpensOneAnomalyWhichCloses) {
  Quiet(12);
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].state, AnomalyState::kOpen);
  EXPECT_EQ(told_[0].key, kWeb);
  EXPECT_THAT(told_[0].summary, ::testing::HasSubstr("errors"));
  EXPECT_THAT(told_[0].summary, ::testing::HasSubstr("latency"));
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].last_seen_at, MinuteTick(minute_).end);
  Quiet(3);
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].state, AnomalyState::kClosed);
  EXPECT_EQ(told_.at(0).state, AnomalyState::kClosed);  // its end is told
  engine_->Housekeep(MinuteTick(minute_).end + minutes(6));
  Quiet(1);
  EXPECT_TRUE(told_.empty());
}

TEST_F(EngineTest, TheScoreOfARoundIsThatOfItsVerdict) {
  Quiet(12);
  Tick(Readings(BurstValues()));
  Tick(Readings(QuietValues(minute_)));
  const RoundReport report = Round();
  ASSERT_EQ(report.judged.size(), 2u);
  EntityView e = Shown().entities.at(0);
  EXPECT_EQ(e.learned, Verdict::kWarning);
  EXPECT_EQ(e.learned_score, report.judged[0].score.score);
  EXPECT_EQ(e.score.score, report.judged[1].score.score);
  EXPECT_GT(e.learned_score, e.score.score);
  Step(QuietValues(minute_));
  e = Shown().entities.at(0);
  EXPECT_EQ(e.learned_score, e.score.score);
}

TEST_F(EngineTest, OneUnusualFeatureIsOnlyLogged) {
  Quiet(12);
  auto values = QuietValues(minute_);
  values[0] = 400;
  EXPECT_EQ(Step(values).worst, Verdict::kLogOnly);
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(Shown().log_only_total.at("web"), 1u);
}

TEST_F(EngineTest, ARestartGoesOnWithTheSameAnomaly) {
  Quiet(12);
  Step(BurstValues());
  const Anomaly before = Stored().at(0);
  told_.clear();
  Restart();
  ASSERT_EQ(told_.size(), 1u);  // level receivers hear of it again at once
  EXPECT_EQ(told_[0].id, before.id);
  EXPECT_TRUE(Shown().anomalies_total.empty());
  Step(BurstValues());
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].id, before.id);
  Quiet(3);
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kClosed);
  Restart();
  Step(BurstValues());
  ASSERT_EQ(Stored().size(), 2u);
  EXPECT_EQ(Stored()[0].id, before.id + 1);
}

TEST_F(EngineTest, ARestartJudgesAsIfThereHadBeenNone) {
  Quiet(20);
  Engine other(config_, *store_, {.collectors = {{"first", {}}, {"second", {}}}},
               [](std::vector<Anomaly>) {});
  other.Restore(MinuteTick(minute_).end);
  View restored;
  other.Fill(restored);
  ASSERT_EQ(restored.entities.size(), 1u);
  EXPECT_NE(restored.entities[0].reason, "no sample yet");
  const auto tick = MinuteTick(minute_ + 1);
  other.OnTick(tick, {{0, tick, Readings({3, 120, 40}), {}}});
  const Score after = other.Round(tick.end).judged.at(0).score;
  const Score same = Step({3, 120, 40}).judged.at(0).score;
  EXPECT_EQ(after.score, same.score);
  EXPECT_EQ(after.verdict, same.verdict);
  EXPECT_EQ(after.features.at(1).z, same.features.at(1).z);
  EXPECT_GT(same.score, 0);
}

TEST_F(EngineTest, SamplesThatNoRoundSawAreJudgedAfterARestart) {
  Quiet(12);
  Tick(Readings(BurstValues()));
  Restart();
  const RoundReport report = Round();
  ASSERT_EQ(report.judged.size(), 1u);
  EXPECT_EQ(report.worst, Verdict::kWarning);
}

TEST_F(EngineTest, ALostStateIsLearnedAgainInSilence) {
  Quiet(12);
  Step(BurstValues());
  Quiet(1);
  const Anomaly before = Stored().at(0);
  ASSERT_TRUE(store_->Commit({.drop_state = {StateName(kWeb)}}));
  Restart();
  EXPECT_TRUE(Round().judged.empty());
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].state, AnomalyState::kOpen);
  EXPECT_EQ(Stored()[0].last_seen_at, before.last_seen_at);
  EXPECT_EQ(Step(QuietValues(minute_)).worst, Verdict::kNormal);  // warm at once
}

TEST_F(EngineTest, ThePastIsLearnedButNeverAlerts) {
  Quiet(12);
  minute_ += 10;  // a downtime
  Collected late = Readings(QuietValues(minute_));
  for (int m = 13; m <= 22; ++m)
    late.past.push_back({MinuteTick(m).end, Readings(BurstValues()).readings});
  Tick(late);
  const RoundReport report = Round();
  EXPECT_EQ(report.judged.size(), 11u);
  EXPECT_LE(report.worst, Verdict::kNormal);
  EXPECT_EQ(report.judged[0].score.gate, Gate::kBackfill);
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(Shown().gated_total.count({"backfill", "web"}), 1u);
}

TEST_F(EngineTest, ThePastReplacesNoSampleThatIsStored) {
  Quiet(3);
  const auto before = StoredSamples();
  Collected late = Readings(QuietValues(minute_));
  late.past.push_back({MinuteTick(2).end, Readings({7}).readings});
  late.past.push_back({MinuteTick(0).end, Readings({7}).readings});
  Tick(late);
  const auto after = StoredSamples();
  ASSERT_EQ(after.size(), 5u);
  EXPECT_EQ(after[2].values, before[1].values);
  EXPECT_EQ(after[0].values[0], 7);
  EXPECT_EQ(after[0].flags, kBackfill | kLowCoverage);
}

TEST_F(EngineTest, DuringTheBootGraceNothingOpens) {
  Quiet(12);
  Restart(/*silent_until=*/MinuteTick(20).end);
  const RoundReport report = Step(BurstValues());
  EXPECT_EQ(report.judged.at(0).score.gate, Gate::kBootGrace);
  EXPECT_EQ(report.worst, Verdict::kLogOnly);
  EXPECT_EQ(Shown().entities.at(0).verdict, Verdict::kLogOnly);  // not more than was told
  Tick(Collected{.facts = {FactOf("container_down", "db")}});
  EXPECT_TRUE(Stored().empty());
  minute_ = 19;
  Tick(Collected{.facts = {FactOf("container_down", "db")}});
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(EngineTest, AFactOpensAtItsTickWithoutARound) {
  const Collected down{.facts = {FactOf("container_down", "db", Severity::kCritical)}};
  Tick(down);
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(told_.at(0).fact, "container_down");
  EXPECT_EQ(Shown().entities.at(0).verdict, Verdict::kCritical);
  for (int i = 0; i < 4; ++i) Tick(Unavailable("no Docker"));  // unknown, not ended
  EXPECT_EQ(Stored()[0].state, AnomalyState::kOpen);
  EXPECT_EQ(Shown().facts.size(), 1u);
  Tick(Collected{});
  Tick(Collected{});
  EXPECT_EQ(Stored().at(0).state, AnomalyState::kClosed);
  EXPECT_TRUE(Shown().facts.empty());
}

TEST_F(EngineTest, PolicySwitchesFactsOffAndChangesTheirSeverity) {
  config_.fact_policies = {{"container_down", false, Severity::kWarning},
                           {"disk_full", true, Severity::kCritical}};
  Tick(Collected{.facts = {FactOf("container_down", "db"), FactOf("disk_full", "/")}});
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].fact, "disk_full");
  EXPECT_EQ(Stored()[0].severity, Severity::kCritical);
}

TEST_F(EngineTest, AScopeTakesPartInItsOwnTicksOnly) {
  config_.scopes[0].interval = minutes(5);
  for (int i = 0; i < 10; ++i) Tick(Readings(QuietValues(i)));
  EXPECT_EQ(StoredSamples().size(), 2u);
}

TEST_F(EngineTest, ACheckpointIsStoredWithItsSamples) {
  Collected out = Readings(QuietValues(0));
  out.checkpoint = "line 17";
  Tick(out);
  const auto checkpoints = store_->ReadCheckpoints();
  ASSERT_TRUE(checkpoints);
  ASSERT_EQ(checkpoints->size(), 1u);
  EXPECT_EQ(checkpoints->at(0).collector, "first");
  EXPECT_EQ(checkpoints->at(0).value, "line 17");
}

TEST_F(EngineTest, AnAcknowledgementIsStoredAndAudited) {
  Quiet(12);
  Step(BurstValues());
  const auto id = Stored().at(0).id;
  Changes changes;
  EXPECT_FALSE(engine_->Acknowledge(id + 1, kStart, "ann", "known", changes).value());
  EXPECT_TRUE(changes.empty());
  auto done = engine_->Acknowledge(id, kStart, "ann", "known", changes).value();
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->already);
  engine_->Record(std::move(changes));
  EXPECT_EQ(Stored()[0].acknowledged_by, "ann");
  EXPECT_EQ(told_.at(0).acknowledged_by, "ann");
  Restart();
  EXPECT_EQ(told_.at(0).acknowledged_by, "ann");
  changes = {};
  done = engine_->Acknowledge(id, kStart, "bob", "mine", changes).value();
  EXPECT_TRUE(done->already);
  EXPECT_EQ(done->anomaly.acknowledged_by, "ann");
  EXPECT_TRUE(changes.empty());
}

TEST_F(EngineTest, TheLogCallsAnAcknowledgementByItsName) {
  Quiet(12);
  Step(BurstValues());
  Restart();  // which forgets what was logged
  Changes changes;
  ::testing::internal::CaptureStderr();
  ASSERT_TRUE(engine_->Acknowledge(Stored().at(0).id, kStart, "ann", "known", changes).value());
  engine_->Record(std::move(changes));
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("msg=\"anomaly acknowledged\""));
  EXPECT_THAT(log, HasSubstr("by=ann why=known"));
  EXPECT_THAT(log, Not(HasSubstr("anomaly open")));
}

TEST_F(EngineTest, OnlyWhatIsCriticalIsAWarningOfTheLog) {
  const auto logged = [&](const char* object, Severity severity) {
    ::testing::internal::CaptureStderr();
    Tick(Collected{.facts = {FactOf("container_down", object, severity)}});
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(logged("a", Severity::kWarning), HasSubstr("level=info msg=\"anomaly open\""));
  EXPECT_THAT(logged("b", Severity::kCritical), HasSubstr("level=warn msg=\"anomaly open\""));
}

TEST_F(EngineTest, TheLogCallsAnEscalationByItsName) {
  const auto logged = [&](Severity severity) {
    ::testing::internal::CaptureStderr();
    Tick(Collected{.facts = {FactOf("container_down", "a", severity)}});
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(logged(Severity::kWarning), HasSubstr("msg=\"anomaly open\""));
  EXPECT_THAT(logged(Severity::kCritical), HasSubstr("level=warn msg=\"anomaly escalated\""));
}

TEST_F(EngineTest, AClosedAnomalyMayStillBeAcknowledged) {
  Quiet(12);
  Step(BurstValues());
  Quiet(8);
  ASSERT_EQ(Stored().at(0).state, AnomalyState::kClosed);
  Changes changes;
  const auto done = engine_->Acknowledge(Stored()[0].id, kStart, "ann", "seen", changes).value();
  ASSERT_TRUE(done);
  engine_->Record(std::move(changes));
  EXPECT_EQ(Stored()[0].acknowledged_by, "ann");
  EXPECT_EQ(Stored()[0].state, AnomalyState::kClosed);
}

TEST_F(EngineTest, TooFewSamplesDoNotTrain) {
  Quiet(29);
  size_t best = 0;
  EXPECT_TRUE(AllTrainingSets(*engine_, MinuteTick(minute_).end, &best).empty());
  EXPECT_EQ(best, 29u);
}

TEST_F(EngineTest, AFittedModelJudgesAlsoAfterARestart) {
  Quiet(40);
  size_t best = 0;
  const Time now = MinuteTick(minute_).end;
  auto sets = AllTrainingSets(*engine_, now, &best);
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(best, 40u);
  Trained trained = Engine::Fit(std::move(sets[0]));
  EXPECT_EQ(trained.record.reason, "");
  engine_->Adopt(std::move(trained), now);
  EXPECT_TRUE(Shown().entities.at(0).model.present);
  EXPECT_EQ(Shown().entities.at(0).model.rows, 40u);
  EXPECT_EQ(Shown().entities.at(0).trained_at(), now);
  Restart();
  EXPECT_TRUE(Shown().entities.at(0).model.present);
  EXPECT_EQ(Shown().entities.at(0).trained_at(), now);
  EXPECT_FALSE(IsMissing(Step(QuietValues(0)).judged.at(0).score.forest));
}

TEST_F(EngineTest, AYoungModelIsNeverCritical) {
  config_.detect.forest.contamination = 0.5;  // three of ten of its own samples are critical
  config_.detect.forest.critical_contamination = 0.3;
  Quiet(40);
  size_t best = 0;
  const Time now = MinuteTick(minute_).end;
  auto sets = AllTrainingSets(*engine_, now, &best);
  engine_->Adopt(Engine::Fit(std::move(sets.at(0))), now);
  const double critical = Shown().entities.at(0).model.critical;
  int beyond = 0;
  for (int i = 0; i < 40; ++i) {
    const RoundReport report = Step(QuietValues(i));
    beyond += report.judged.at(0).score.forest > critical ? 1 : 0;
    EXPECT_LE(report.worst, Verdict::kWarning);
  }
  EXPECT_GT(beyond, 3);
  EXPECT_FALSE(Shown().entities.at(0).trust.holds);
}

// 400 quiet rows, and behind them 100 that rise faster than any baseline follows.
Engine::TrainingSet ChangedSet(const Config& config) {
  Engine::TrainingSet set{kWeb, {DetectorOptionsFor(config, config.scopes.at(0)), {}, {}}, 100, 0};
  for (int i = 0; i < 500; ++i) {
    std::vector<double> values = QuietValues(i);
    for (double& value : values) value *= std::pow(1.3, std::max(0, i - 399));
    set.rows.Add({kWeb, MinuteTick(i).end, 7, 0, values}, config.timezone);
  }
  return set;
}

TEST_F(EngineTest, AModelThatWouldCryWolfDoesNotReplaceOneThatDoesNot) {
  config_.detect.mode = "calibrated";
  const Trained refused = Engine::Fit(ChangedSet(config_));
  EXPECT_EQ(refused.detector, nullptr);
  EXPECT_EQ(refused.record.state, ModelState::kRefused);
  EXPECT_THAT(refused.record.reason, ::testing::HasSubstr("newest 100 samples"));
  EXPECT_THAT(refused.record.reason, ::testing::HasSubstr("(the model in use: 0)"));
  auto no_better = ChangedSet(config_);
  no_better.alerts = 60;  // the one in use is no better
  EXPECT_NE(Engine::Fit(std::move(no_better)).detector, nullptr);
  auto first = ChangedSet(config_);
  first.first = true;  // better than none, but not trusted for its trial
  const Trained taken = Engine::Fit(std::move(first));
  EXPECT_NE(taken.detector, nullptr);
  EXPECT_EQ(taken.record.trial.rows, 100u);
  EXPECT_EQ(taken.record.trial.alerts_in_use, std::nullopt);
  EXPECT_FALSE(taken.record.trial.passed);
}

TEST_F(EngineTest, HoldsOutAFifth) {
  Quiet(40);
  size_t best = 0;
  const Time now = MinuteTick(minute_).end;
  auto sets = AllTrainingSets(*engine_, now, &best);
  EXPECT_EQ(sets.at(0).held, 8u);
  EXPECT_TRUE(sets[0].first);
  engine_->Adopt(Engine::Fit(std::move(sets[0])), now);
  Quiet(10);
  sets = AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
  EXPECT_EQ(sets.at(0).held, 10u);
  EXPECT_FALSE(sets[0].first);
}

TEST_F(EngineTest, SamplesOfPoorQualityDoNotTrain) {
  for (int i = 0; i < 30; ++i) {
    Collected partial = Readings(QuietValues(i));
    partial.partial = i % 2 == 0;
    Tick(partial);
  }
  Tick(Readings({1}));  // one feature of three
  size_t best = 0;
  AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
  EXPECT_EQ(best, 15u);
}

// A window at the burst, with the flags of what is stored.
TEST_F(EngineTest, InAWindowABurstIsJudgedAndNotTold) {
  Quiet(12);
  Changes changes;
  Silence window{.kind = SilenceKind::kWindow, .starts_at = MinuteTick(minute_ + 1).end};
  window.ends_at = window.starts_at + minutes(2);
  ASSERT_TRUE(engine_->silences().Add(window, MinuteTick(minute_).end, changes));
  engine_->Record(std::move(changes));
  Restart();
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kLogOnly);
  Step(BurstValues());
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(StoredSamples().back().flags & kMaintenance, kMaintenance);
  EXPECT_GE(Shown().gated_total.at({"maintenance", "web"}), 1u);
  Step(QuietValues(minute_));
  EXPECT_EQ(StoredSamples().back().flags & kMaintenance, 0u);
}

TEST_F(EngineTest, AMuteHoldsWhatWaitsForTheRound) {
  Quiet(12);
  Tick(Readings(BurstValues()));
  Changes changes;
  const Time now = MinuteTick(minute_).end + seconds(1);
  ASSERT_TRUE(engine_->silences().Add(
      {.kind = SilenceKind::kMute, .starts_at = now, .ends_at = now + hours(1)}, now, changes));
  engine_->Record(std::move(changes));
  EXPECT_EQ(engine_->Round(now + seconds(1)).worst, Verdict::kLogOnly);
  EXPECT_TRUE(Stored().empty());
}

TEST_F(EngineTest, AnIncidentMarkedRealGoesOnUnlearned) {
  Quiet(12);
  Step(BurstValues());
  Changes changes;
  ASSERT_TRUE(engine_->MarkAnomaly({Stored().at(0).id, Mark::kReal, ""}, MinuteTick(minute_).end,
                                   "ann", changes));
  engine_->Record(std::move(changes));
  EXPECT_EQ(StoredSamples().back().flags & kConfirmedReal, kConfirmedReal);
  Step(BurstValues());
  EXPECT_EQ(StoredSamples().back().flags & kConfirmedReal, kConfirmedReal);
}

}  // namespace
}  // namespace aiops
