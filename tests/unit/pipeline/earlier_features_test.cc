// What judges between a change of the feature list and the training that follows it.
#include "pipeline/earlier_features.h"

#include <gtest/gtest.h>

#include "engine_harness.h"

namespace aiops {
namespace {

// errors, latency and requests of before; `features` of now.
class EarlierFeaturesTest : public EngineHarness {
 protected:
  void SetUp() override {
    Quiet(40);
    Train();
  }
  void Train() {
    size_t best = 0;
    for (auto& set : AllTrainingSets(*engine_, MinuteTick(minute_).end, &best))
      engine_->Adopt(Engine::Fit(std::move(set)), MinuteTick(minute_).end);
  }
  void Change(const std::vector<std::string>& names) {
    const Scope before = config_.scopes[0];
    config_.scopes[0] = ScopeOf(before, names);
    for (Feature& feature : config_.scopes[0].features)
      feature.source = feature.expr = before.features[0].source;
    Restart();
  }
  Score Judged(const std::vector<double>& values) { return Step(values).judged.at(0).score; }
  std::int64_t InUse() const { return store_->ReadModelInUse(kWeb).value()->record.id; }
};

TEST_F(EarlierFeaturesTest, TheModelInUseJudgesByWhatIsLeftOfThem) {
  Change({"latency", "queue", "errors"});
  EXPECT_TRUE(engine_->wants_training());
  EXPECT_EQ(Shown().entities.at(0).model.rows, 40u);
  EXPECT_EQ(InUse(), 1);
  const Score quiet = Judged({100, 7, 2});
  EXPECT_EQ(quiet.verdict, Verdict::kNormal);
  EXPECT_FALSE(IsMissing(quiet.forest));
  ASSERT_EQ(quiet.features.size(), 3u);
  EXPECT_NEAR(quiet.features[0].expected, 100, 5);
  EXPECT_EQ(quiet.features[1].value, 7);
  EXPECT_NEAR(quiet.features[2].expected, 2, 0.5);
  EXPECT_GE(Judged({4000, 7, 400}).verdict, Verdict::kWarning);
}

TEST_F(EarlierFeaturesTest, ItDoesSoAfterARestartUntilThereIsAnotherModel) {
  Change({"latency", "queue", "errors"});
  for (int i = 0; i < 20; ++i) Step({100, 7, 2});
  Restart();
  EXPECT_EQ(InUse(), 1);
  EXPECT_FALSE(IsMissing(Judged({100, 7, 2}).forest));
  Train();
  EXPECT_EQ(InUse(), 2);
  EXPECT_EQ(Shown().entities.at(0).model.rows, 61u);
  Restart();
  EXPECT_FALSE(engine_->wants_training());
  EXPECT_EQ(Shown().entities.at(0).model.rows, 61u);
}

TEST_F(EarlierFeaturesTest, TodaysJudgeWhereTooFewAreLeft) {
  Change({"queue", "latency", "disk"});
  const Score score = Judged({7, 100, 3});
  EXPECT_TRUE(IsMissing(score.forest));
  EXPECT_EQ(score.features[0].value, 7);
  EXPECT_EQ(score.coverage, 1);
}

TEST_F(EarlierFeaturesTest, HistoryIsLearnedByBoth) {
  Change({"latency", "queue", "errors"});
  engine_->LearnHistory(MinuteTick(minute_).end);
  EXPECT_EQ(InUse(), 1);
  EXPECT_FALSE(IsMissing(Judged({100, 7, 2}).forest));
}

}  // namespace
}  // namespace aiops
