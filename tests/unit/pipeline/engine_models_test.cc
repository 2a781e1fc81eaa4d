// What the engine keeps of trainings, which models it trusts, and how it goes back to an earlier
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine_harness.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelsTest : public EngineHarness {
 protected:
  void Train(const char* why = "command") {
    size_t best = 0;
    auto sets = AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
    ASSERT_FALSE(sets.empty());
    for (auto& set : sets) {
      Trained trained = Engine::Fit(std::move(set));
      trained.record.why = why;
      engine_->Adopt(std::move(trained), MinuteTick(minute_).end);
    }
  }
  // Three trainings on 40, 45 and 50 quiet minutes: models 1 to 3.
  void TrainThrice() {
    Quiet(40);
    Train();
    Quiet(5);
    Train();
    Quiet(5);
    Train();
  }
  Result<Engine::RolledBack> GoBack(const RollBackCommand& command = {}) {
    Changes changes;
    auto done = engine_->RollBack(command, MinuteTick(minute_).end, changes);
    engine_->Record(std::move(changes));
    return done;
  }
  std::string Refusal(const RollBackCommand& command = {}) {
    const auto done = GoBack(command);
    return done ? "it went back" : done.error().message;
  }
  // All but the first page, and somebody sees it.
  void Damage(const std::string& path) {
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(4096)
        << std::string(std::filesystem::file_size(path) - 4096, 'Z');
    EXPECT_FALSE(store_->ReadCheckpoints());  // of a page that is not in memory
  }
  std::vector<ModelRecord> Kept() const { return store_->ReadModels({}).value(); }
  std::int64_t InUse() const { return store_->ReadModelInUse(kWeb).value()->record.id; }
  size_t Rows() const { return Shown().entities.at(0).model.rows; }
};

TEST_F(ModelsTest, EveryTrainingIsRecorded) {
  Quiet(41);
  Train("schedule");
  const ModelRecord first = Kept().at(0);
  EXPECT_EQ(first.key, kWeb);
  EXPECT_EQ(first.state, ModelState::kInUse);
  EXPECT_EQ(first.why, "schedule");
  EXPECT_EQ(first.trained_at, MinuteTick(41).end);
  EXPECT_EQ(first.used_from, first.trained_at);
  EXPECT_EQ(first.rows, 41u);
  EXPECT_EQ(first.first_sample, MinuteTick(1).end);
  EXPECT_EQ(first.last_sample, MinuteTick(41).end);
  EXPECT_EQ(first.trial.rows, 8u);
  EXPECT_EQ(first.trial.alerts_in_use, std::nullopt);
  EXPECT_GT(first.bytes, 1000u);
  EXPECT_EQ(first.bytes, store_->ReadModel(1).value()->value.size());
  EXPECT_EQ(first.schema, SchemaHash(config_.scopes[0]));
  Quiet(4);
  Train();
  EXPECT_EQ(Kept().at(0).trial.alerts_in_use, 0u);
  EXPECT_EQ(Kept().at(1).state, ModelState::kEarlier);
  EXPECT_EQ(Shown().trainings_total.at({"web", "adopted"}), 2u);
}

TEST_F(ModelsTest, OneThatIsNotTakenIsRecordedWithTheReason) {
  Quiet(40);
  Train();
  for (const ModelState state : {ModelState::kRefused, ModelState::kFailed}) {
    Trained trained;
    trained.record.key = kWeb;
    trained.record.state = state;
    trained.record.reason = "for a reason";
    engine_->Adopt(std::move(trained), MinuteTick(minute_).end);
    EXPECT_EQ(Kept().at(0).state, state);
    EXPECT_EQ(Kept().at(0).reason, "for a reason");
    EXPECT_EQ(Shown().trainings_total.at({"web", std::string(ToString(state))}), 1u);
  }
  EXPECT_EQ(InUse(), 1);
  EXPECT_EQ(Rows(), 40u);
  EXPECT_THAT(Refusal({.model_id = 2}), HasSubstr("model 2 was never in use"));
  EXPECT_THAT(Refusal({.model_id = 2}), HasSubstr("for a reason"));
}

TEST_F(ModelsTest, WhatWasLeftOutIsCountedByReason) {
  Changes changes;
  const std::uint32_t flags[] = {kMaintenance | kMuted,  kMuted,       kMuted,
                                 kConfirmedReal,         kLowCoverage, kPartial,
                                 kPartial | kLowCoverage};
  for (size_t i = 0; i < std::size(flags); ++i)
    changes.samples.push_back({kWeb, kStart - minutes(static_cast<int>(i)),
                               SchemaHash(config_.scopes[0]), flags[i], QuietValues(1)});
  ASSERT_TRUE(store_->Commit(changes));
  Quiet(43);
  Train();
  EXPECT_THAT(Kept().at(0).excluded, ElementsAre(1, 2, 1, 2, 1));
  EXPECT_EQ(Shown().entities.at(0).in_use->ExcludedShare(Exclusion::kMute), 0.04);
}

// A trial counts when it was on six hours: a fifth of thirty.
TEST_F(ModelsTest, AModelThatKeptQuietInItsTrialIsTrustedAlsoAfterARestart) {
  Remember(1799);
  Quiet(1);
  Train();
  EXPECT_EQ(Kept().at(0).trial.rows, 360u);
  EXPECT_TRUE(Kept().at(0).trial.passed);
  EXPECT_TRUE(Shown().entities.at(0).trust.holds);
  Restart();
  EXPECT_TRUE(Shown().entities.at(0).trust.holds);
  EXPECT_EQ(Shown().entities.at(0).trust.because, "it alerted hardly ever when it was tried");
}

TEST_F(ModelsTest, AModelWithAShortOrAFailedTrialIsNotTrusted) {
  Remember(1789);
  Quiet(1);
  Train();
  EXPECT_EQ(Kept().at(0).trial.rows, 358u);
  EXPECT_FALSE(Shown().entities.at(0).trust.holds);
  Remember(1999);
  size_t best = 0;
  auto sets = AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
  Trained trained = Engine::Fit(std::move(sets.at(0)));
  ASSERT_EQ(trained.record.trial.rows, 400u);
  trained.record.trial.passed = false;
  engine_->Adopt(std::move(trained), MinuteTick(minute_).end);
  EXPECT_EQ(Shown().entities.at(0).trust.because,
            "it has not seen a week, and alerted too often when it was tried");
}

TEST_F(ModelsTest, GoesBackStepByStepAndForthByNumber) {
  TrainThrice();
  EXPECT_EQ(InUse(), 3);
  const auto back = GoBack();
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->now.id, 2);
  EXPECT_EQ(back->before, 3);
  EXPECT_EQ(Rows(), 45u);
  EXPECT_EQ(GoBack({.scope = "web", .entity = "nas"})->now.id, 1);
  EXPECT_EQ(Rows(), 40u);
  EXPECT_THAT(Refusal(), HasSubstr("there is no model of 'nas' to go back to"));
  EXPECT_EQ(GoBack({.model_id = 3})->now.id, 3);
  EXPECT_EQ(Rows(), 50u);
  EXPECT_EQ(Shown().entities.at(0).trained_at(), MinuteTick(50).end);
}

TEST_F(ModelsTest, RefusalsSayWhy) {
  EXPECT_THAT(Refusal(), HasSubstr("none was ever in use"));
  TrainThrice();
  EXPECT_THAT(Refusal({.model_id = 9}), HasSubstr("no model 9; GET /models"));
  EXPECT_THAT(Refusal({.model_id = 3}), HasSubstr("model 3 is in use"));
  EXPECT_THAT(Refusal({.entity = "nobody"}), HasSubstr("'nobody'"));
  EXPECT_THAT(Refusal({.scope = "db", .entity = "nas"}), HasSubstr("'db'"));
  auto& features = config_.scopes[0].features;
  std::swap(features[0], features[1]);
  Restart();
  EXPECT_THAT(Refusal({.model_id = 2}), HasSubstr("other features"));
  std::swap(features[0], features[1]);
  config_.detect.mode = "calibrated";
  Restart();
  EXPECT_THAT(Refusal({.model_id = 2}), HasSubstr("not of detect.mode calibrated"));
  EXPECT_EQ(InUse(), 3);
}

TEST_F(ModelsTest, AfterGoingBackItJudgesAtOnceAndAfterARestart) {
  for (const char* mode : {"plain", "calibrated"}) {
    SCOPED_TRACE(mode);
    config_.detect.mode = mode;
    Restart();
    Quiet(300);
    Train();
    Quiet(300);
    Train();
    const auto back = GoBack();
    ASSERT_TRUE(back) << back.error().message;
    const size_t rows = Rows();
    Restart();  // before any round
    EXPECT_EQ(Rows(), rows);
    EXPECT_EQ(InUse(), back->now.id);
    Step(QuietValues(minute_));
    const Score quiet = Step(QuietValues(minute_)).judged.at(0).score;
    EXPECT_EQ(quiet.verdict, Verdict::kNormal);
    EXPECT_TRUE(std::isfinite(quiet.score) && std::isfinite(quiet.forest));
    EXPECT_EQ(Step(BurstValues()).worst, Verdict::kWarning);  // young, so no more
    Quiet(10);
  }
}

// The old model's own memories end where its training did; meanwhile the level has moved.
TEST_F(ModelsTest, WhatWasMarkedExpectedIsNotToldAtTheSameTimeOfTheNextDay) {
  config_.detect.mode = "calibrated";
  Restart();
  Quiet(1440);
  Train();
  Quiet(20);
  const int at = minute_ + 1;
  for (int i = 0; i < 4; ++i) Step(BurstValues());
  Quiet(10);
  ASSERT_EQ(Stored().size(), 1u);
  Changes changes;
  const auto marked = engine_->MarkAnomaly({Stored().at(0).id, Mark::kExpected, "the backup"},
                                           MinuteTick(minute_).end, "ann", changes);
  ASSERT_TRUE(marked && *marked);
  engine_->Record(std::move(changes));
  Restart();
  Quiet(at + 1440 - minute_ - 1);
  const Score score = Step(BurstValues()).judged.at(0).score;
  EXPECT_EQ(score.gate, Gate::kExpected);
  EXPECT_LE(score.score, 1);
  EXPECT_LT(score.verdict, Verdict::kWarning);
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(ModelsTest, AfterGoingBackItKnowsWhatWasSince) {
  config_.detect.mode = "calibrated";
  Restart();
  Quiet(600);
  Train();
  const auto moved = [&] {
    auto values = QuietValues(minute_);
    values[1] += 30;
    return values;
  };
  for (int i = 0; i < 600; ++i) Step(moved());
  const double settled = Step(moved()).judged.at(0).score.score;
  Train();
  for (int i = 0; i < 10; ++i) Step(moved());
  EXPECT_LT(settled, 1);
  for (const bool killed : {true, false}) {
    ASSERT_TRUE(GoBack({.model_id = 1}));
    if (killed) Restart();  // what was stored with it is all that there is
    EXPECT_NEAR(Step(moved()).judged.at(0).score.score, settled, 0.3);
    ASSERT_TRUE(GoBack({.model_id = 2}));
  }
}

TEST_F(ModelsTest, ANewDatabaseIsToldTheModelWithItsTrial) {
  const TestFolder folder;
  const std::string path = folder.path() + "/aiops.db";
  const auto open = [&] { store_ = *Store::Open({.path = path}, clock_); };
  engine_.reset();
  open();
  Restart();
  TrainThrice();
  ASSERT_TRUE(GoBack());
  engine_.reset();
  store_.reset();  // all of it into the file
  open();
  Restart();
  Damage(path);
  Quiet(1);
  ASSERT_FALSE(store_->health().set_aside.empty());
  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_EQ(Kept()[0].rows, 45u);
  EXPECT_EQ(Kept()[0].trial.rows, 9u);
  Restart();
  EXPECT_EQ(Rows(), 45u);
  EXPECT_THAT(Refusal(), HasSubstr("none that is kept is older"));
}

// Adopted into the database that is begun with it: it must not be there twice.
TEST_F(ModelsTest, AModelThatComesWithTheNewDatabaseIsThereOnce) {
  const TestFolder folder;
  const std::string path = folder.path() + "/aiops.db";
  engine_.reset();
  store_ = *Store::Open({.path = path}, clock_);
  Restart();
  Quiet(40);
  size_t best = 0;
  auto sets = AllTrainingSets(*engine_, MinuteTick(minute_).end, &best);
  Trained trained = Engine::Fit(std::move(sets.at(0)));
  engine_.reset();
  store_.reset();
  store_ = *Store::Open({.path = path}, clock_);
  Restart();
  Damage(path);
  engine_->Adopt(std::move(trained), MinuteTick(minute_).end);
  ASSERT_FALSE(store_->health().set_aside.empty());
  EXPECT_EQ(Kept().size(), 1u);
  EXPECT_EQ(store_->ReadModelInUse(kWeb).value()->record.rows, 40u);
}

}  // namespace
}  // namespace aiops
