// What an engine makes of history, and which models it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_harness.h"

namespace aiops {
namespace {

using testing::HasSubstr;

class LearningTest : public EngineHarness {
 protected:
  std::vector<Engine::TrainingSet> Sets() {
    size_t best = 0;
    return AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
  }
  size_t Judgements() const {
    const auto judged = store_->ReadJudgements(kWeb, {Time{}, FromUnixMillis(INT64_MAX)});
    return judged ? judged->size() : 0;
  }
};

TEST_F(LearningTest, HistoryWarmsWhatJudgesAndIsNeverJudged) {
  EXPECT_EQ(Step(QuietValues(1)).worst, Verdict::kUnknown);
  Remember(40);
  Tick(Readings(QuietValues(2)));  // waits for its round
  engine_->LearnHistory(MinuteTick(minute_).end);
  EXPECT_EQ(Round().worst, Verdict::kNormal);
  EXPECT_EQ(Judgements(), 2u);
  EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(LearningTest, WhatWaitsForItsRoundIsToldAsEver) {
  Remember(40);
  Step(QuietValues(1));
  Tick(Readings(BurstValues()));
  engine_->LearnHistory(MinuteTick(minute_).end);
  EXPECT_EQ(Round().worst, Verdict::kWarning);
}

TEST_F(LearningTest, AFirstModelLearnsFromMoreThanTheWindow) {
  config_.detect.forest.window = minutes(20);
  config_.collect.backfill = hours(1);
  Remember(50);
  Quiet(1);
  auto sets = Sets();
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(sets[0].rows.size(), 51u);
  engine_->Adopt(Engine::Fit(std::move(sets[0])), MinuteTick(minute_).end);
  config_.detect.forest.min_samples = 10;
  EXPECT_EQ(Sets().at(0).rows.size(), 20u);
}

// A third of a live vector is too little to judge by; here it was all that the past had.
TEST_F(LearningTest, NarrowSamplesOfThePastTrain) {
  Changes changes;
  for (int i = 0; i < 40; ++i)
    changes.samples.push_back({kWeb,
                               kStart - minutes(i),
                               SchemaHash(config_.scopes[0]),
                               kBackfill,
                               {kMissing, QuietValues(i)[1], kMissing}});
  ASSERT_TRUE(store_->Commit(changes));
  Quiet(1);
  for (const char* mode : {"plain", "calibrated"}) {
    config_.detect.mode = mode;
    config_.detect.forest.min_samples = 41;
    auto sets = Sets();
    ASSERT_EQ(sets.size(), 1u);
    sets[0].rows.options.calibrated.min_rows = 41;
    const Trained trained = Engine::Fit(std::move(sets[0]));
    ASSERT_NE(trained.detector, nullptr) << trained.record.reason;
    EXPECT_EQ(trained.detector->model().rows, 41u);
  }
}

TEST_F(LearningTest, AnIncidentThatWasMarkedRealIsKeptForTheTrial) {
  Quiet(40);
  Step(BurstValues());
  Step(BurstValues());
  Quiet(4);
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_TRUE(Sets().at(0).incidents.empty());
  Changes changes;
  ASSERT_TRUE(engine_->MarkAnomaly({Stored()[0].id, Mark::kReal, ""}, MinuteTick(minute_).end,
                                   "ann", changes));
  engine_->Record(std::move(changes));
  auto sets = Sets();
  ASSERT_EQ(sets.at(0).incidents.size(), 1u);
  EXPECT_EQ(sets[0].incidents[0].before, 40u);
  EXPECT_EQ(sets[0].incidents[0].rows.size(), 45u);  // with the three that closed it
  EXPECT_EQ(sets[0].rows.size(), 41u);
  const Trained trained = Engine::Fit(std::move(sets[0]));
  EXPECT_NE(trained.detector, nullptr) << trained.record.reason;
}

// 400 quiet minutes; what was confirmed is at the end of another 60.
Engine::TrainingSet SetWithIncident(const Config& config, const std::vector<double>& confirmed) {
  const DetectorOptions options = DetectorOptionsFor(config, config.scopes.at(0));
  Engine::TrainingSet set{kWeb, {options, {}, {}}, 0, 0, {}, {}};
  Incident incident{{options, {}, {}}, 60};
  for (int i = 0; i < 400; ++i)
    set.rows.Add({kWeb, MinuteTick(i).end, 7, 0, QuietValues(i)}, config.timezone);
  for (int i = 0; i < 61; ++i) {
    const auto values = i == 60 ? confirmed : QuietValues(i);
    incident.rows.Add({kWeb, MinuteTick(i).end, 7, 0, values}, config.timezone);
  }
  set.incidents.push_back(std::move(incident));
  return set;
}

TEST_F(LearningTest, AModelThatIsBlindToAConfirmedIncidentIsRefused) {
  config_.detect.mode = "calibrated";
  EXPECT_NE(Engine::Fit(SetWithIncident(config_, BurstValues())).detector, nullptr);
  const Trained refused = Engine::Fit(SetWithIncident(config_, QuietValues(60)));
  EXPECT_EQ(refused.detector, nullptr);
  EXPECT_THAT(refused.record.reason,
              HasSubstr("the incident of " + FormatTime(MinuteTick(60).end)));
  EXPECT_THAT(refused.record.reason, HasSubstr("confirmed as real"));
}

TEST_F(LearningTest, WhatTheModelInUseDoesNotSeeEitherNoModelMustSee) {
  config_.detect.mode = "calibrated";
  auto blind = SetWithIncident(config_, QuietValues(60));
  const auto in_use = FitDetector(blind.rows);
  ASSERT_TRUE(in_use);
  blind.in_use = (*in_use)->SnapshotModel();
  EXPECT_NE(Engine::Fit(std::move(blind)).detector, nullptr);
}

}  // namespace
}  // namespace aiops
