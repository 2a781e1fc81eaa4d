// Many entities: forests that they share, states that take turns, groups in trouble.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "pipeline/training_run.h"
#include "pipeline_testing.h"

namespace aiops {
namespace {

constexpr const char* kFleetConfig = R"(
collect: {interval: 1m, deadline: 10s, entity: fleet}
detect:
  interval: 1m
  close_after: 3
  isolation_forest: {n_estimators: 20, min_samples: 60, shared_above: 7}
scopes:
  pod:
    entity_labels: [instance]
    features:
      errors: {source: host, expr: errors}
      latency: {source: host, expr: latency}
      requests: {source: host, expr: requests}
)";
constexpr int kEntities = 40;  // more than one batch of a training

EntityKey KeyOf(int entity) { return {"pod", "pod-" + std::to_string(entity)}; }

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() : engine_(NewEngine()) {}

  std::unique_ptr<Engine> NewEngine() {
    auto engine =
        std::make_unique<Engine>(config_, *store_, EngineOptions{Time{}, {{"first", {}}}},
                                 [this](std::vector<Anomaly> told) { told_ = std::move(told); });
    engine->Restore(MinuteTick(minute_).end);
    return engine;
  }

  // Values of its own for every entity; those of `troubled` burst.
  Collected ReadingsOf(int minute, const std::set<int>& troubled) const {
    Collected out;
    for (int e = 0; e < kEntities; ++e) {
      const Labels labels{{"az", e % 2 == 0 ? "a" : "b"}, {"instance", KeyOf(e).entity}};
      auto values = troubled.contains(e) ? BurstValues() : QuietValues(minute + e);
      for (std::uint32_t f = 0; f < values.size(); ++f)
        out.readings.push_back({{0, f}, labels, values[f] * (1 + e % 7)});
    }
    return out;
  }
  static RoundReport Step(Engine& engine, int minute, Collected collected) {
    const auto tick = MinuteTick(minute);
    engine.OnTick(tick, {{0, tick, std::move(collected), {}}});
    return engine.Round(tick.end);
  }
  void Quiet(int ticks) {
    for (int i = 0; i < ticks; ++i, ++minute_)
      Step(*engine_, minute_ + 1, ReadingsOf(minute_ + 1, {}));
  }
  size_t Train() {
    const Time now = MinuteTick(minute_).end;
    TrainingRun run(*engine_, clock_, now, 42, "test");
    size_t trained = 0;
    while (run.Read()) {
      run.Work({});
      run.Adopt(now, [&](const Trained& t) { trained += t.detector ? 1 : 0; });
    }
    return trained;
  }
  std::vector<StateBlob> Blobs(const std::string& prefix) const {
    auto blobs = store_->ReadStates(prefix);
    EXPECT_TRUE(blobs);
    return blobs ? *blobs : std::vector<StateBlob>();
  }
  // An engine that starts from what is stored judges the next minutes as the one that went on.
  void ExpectARestartToChangeNothing() {
    const auto other = NewEngine();
    for (int i = 1; i <= 5; ++i) {
      const auto troubled = i == 3 ? std::set<int>{1, 4} : std::set<int>{};
      const auto after = Step(*other, minute_ + i, ReadingsOf(minute_ + i, troubled)).judged;
      const auto same = Step(*engine_, minute_ + i, ReadingsOf(minute_ + i, troubled)).judged;
      ASSERT_EQ(after.size(), size_t{kEntities});
      ASSERT_EQ(same.size(), size_t{kEntities});
      for (size_t e = 0; e < same.size(); ++e) {
        ASSERT_EQ(after[e].key, same[e].key);
        ASSERT_EQ(after[e].score.score, same[e].score.score) << same[e].key.entity;
        ASSERT_EQ(after[e].score.level, same[e].score.level);
        ASSERT_EQ(after[e].score.forest, same[e].score.forest);
        ASSERT_EQ(after[e].score.verdict, same[e].score.verdict);
        ASSERT_EQ(after[e].score.gate, same[e].score.gate);
      }
    }
    minute_ += 5;
  }

  std::vector<Anomaly> told_;
  ManualClock clock_{kStart};
  Config config_ = SmallConfig(kFleetConfig);
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  int minute_ = 0;
  std::unique_ptr<Engine> engine_;
};

TEST_F(FleetTest, OneForestServesThemAllAndIsStoredOnce) {
  Quiet(120);
  EXPECT_EQ(Train(), size_t{kEntities});
  const auto forests = Blobs("forest");
  ASSERT_EQ(forests.size(), 1u);
  const auto forest = SharedForest::Restore(forests[0].value);
  ASSERT_TRUE(forest);
  const DetectorOptions options = DetectorOptionsFor(config_, config_.scopes[0]);
  for (int e = 0; e < kEntities; ++e) {
    const auto model = store_->ReadModelInUse(KeyOf(e));
    ASSERT_TRUE(model && *model);
    EXPECT_FALSE(MakeDetector(options)->RestoreModel((*model)->value));
    auto sharing = options;
    sharing.calibrated.saved_forests = {*forest};
    EXPECT_TRUE(MakeDetector(sharing)->RestoreModel((*model)->value));
  }
  ExpectARestartToChangeNothing();
}

TEST_F(FleetTest, FewGrowForestsOfTheirOwn) {
  config_.detect.forest.shared_above = kEntities;
  Quiet(61);
  EXPECT_EQ(Train(), size_t{kEntities});
  EXPECT_TRUE(Blobs("forest").empty());
  ExpectARestartToChangeNothing();
}

// As after rounds in which most had no turn, and a kill -9.
TEST_F(FleetTest, OldStatesAreBroughtUpToDateInSilence) {
  Quiet(120);
  Train();
  const auto old = Blobs("state");
  ASSERT_EQ(old.size(), size_t{kEntities});
  Step(*engine_, minute_ + 1, ReadingsOf(minute_ + 1, {2, 3}));
  ++minute_;
  Quiet(20);
  const auto anomalies = store_->ReadAnomalies({.limit = 0});
  const auto judged = store_->ReadJudgements(KeyOf(2), {Time{}, MinuteTick(minute_).end});
  ASSERT_TRUE(anomalies && judged);
  EXPECT_FALSE(anomalies->empty());
  ASSERT_TRUE(store_->Commit({.state = {old.begin(), old.begin() + kEntities / 2}}));
  ExpectARestartToChangeNothing();
  const auto after = store_->ReadJudgements(KeyOf(2), {Time{}, MinuteTick(minute_ - 5).end});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->size(), judged->size());
}

TEST_F(FleetTest, StatesTakeTurns) {
  Quiet(1);
  Judge judge(config_, *store_);
  for (int minute : {2, 3}) {
    for (int e = 0; e < kEntities; ++e)
      judge.Add({KeyOf(e), MinuteTick(minute).end, SchemaHash(config_.scopes[0]), 0, {1, 2, 3}},
                {});
    judge.Round([](const Judged&) {});
    std::set<std::string> seen;
    for (int turn = 0; turn < kEntities / 2; ++turn) {
      const auto blobs = judge.Snapshots(1 + 100);  // one is more, so that the next is too
      ASSERT_EQ(blobs.size(), 1u);
      EXPECT_TRUE(seen.insert(blobs[0].name).second) << blobs[0].name;
    }
    const auto rest = judge.Snapshots(SIZE_MAX);
    EXPECT_EQ(rest.size(), size_t{kEntities / 2});
    for (const StateBlob& blob : rest) EXPECT_TRUE(seen.insert(blob.name).second) << blob.name;
    EXPECT_TRUE(judge.Snapshots(SIZE_MAX).empty());
  }
}

TEST_F(FleetTest, AnOrderlyEndStoresWhatNoRoundHas) {
  Quiet(70);
  Train();
  engine_->LearnHistory(MinuteTick(minute_).end);
  Changes lost;
  for (const StateBlob& blob : Blobs("state")) lost.drop_state.push_back(blob.name);
  ASSERT_EQ(lost.drop_state.size(), size_t{kEntities});
  ASSERT_TRUE(store_->Commit(lost));
  engine_->SaveStates();
  EXPECT_EQ(Blobs("state").size(), size_t{kEntities});
  ExpectARestartToChangeNothing();
}

TEST_F(FleetTest, FourForestsAreKept) {
  std::set<std::string> names;
  Quiet(60);
  for (int i = 0; i < 6; ++i) {
    Quiet(5);
    Train();
    for (const StateBlob& blob : Blobs("forest")) names.insert(blob.name);
  }
  EXPECT_EQ(names.size(), 6u);
  EXPECT_EQ(Blobs("forest").size(), 4u);
  ExpectARestartToChangeNothing();
}

TEST_F(FleetTest, ALostForestIsTrainedAgain) {
  Quiet(70);
  Train();
  const auto forests = Blobs("forest");
  ASSERT_TRUE(store_->Commit({.drop_state = {forests.at(0).name}}));
  engine_ = NewEngine();
  EXPECT_TRUE(engine_->wants_training());
  EXPECT_EQ(Train(), size_t{kEntities});
  EXPECT_FALSE(Blobs("forest").empty());
}

TEST_F(FleetTest, ATrainingWithoutSamplesSaysHowManyThereAre) {
  Quiet(59);
  const TrainingRun run(*engine_, clock_, MinuteTick(minute_).end, 42, "test");
  EXPECT_TRUE(run.empty());
  EXPECT_EQ(run.best(), 59u);
}

TEST_F(FleetTest, WhatHasExpiredGoesHourByHour) {
  store_->SetRetention(hours(1), hours(24));
  for (int i = 0; i < 200; ++i) {
    Quiet(1);
    engine_->Housekeep(MinuteTick(minute_).end);
  }
  EXPECT_GE(store_->health().sample_rows, 60 * kEntities);
  EXPECT_LE(store_->health().sample_rows, 125 * kEntities);
  EXPECT_EQ(engine_->Housekeep(MinuteTick(minute_).end), "nothing more has expired");
}

TEST_F(FleetTest, ManyEntitiesExpireInMoreThanOneSlice) {
  Changes changes;
  for (int e = 0; e < 600; ++e)
    for (int minute : {-300, -299, -298, -297, 0})
      changes.samples.push_back({KeyOf(e), MinuteTick(minute).end, SchemaHash(config_.scopes[0]),
                                 kBackfill, QuietValues(minute)});
  ASSERT_TRUE(store_->Commit(changes));
  engine_ = NewEngine();
  store_->SetRetention(hours(1), hours(24));
  EXPECT_EQ(engine_->Housekeep(MinuteTick(1).end), "nothing more has expired");
  EXPECT_EQ(store_->health().sample_rows, 600);
}

TEST_F(FleetTest, ManyInTroubleAreOneGroup) {
  Quiet(120);
  Train();
  View view;
  engine_->Fill(view);
  EXPECT_TRUE(view.groups.empty());
  Step(*engine_, minute_ + 1, ReadingsOf(minute_ + 1, {1, 3, 5, 7, 9, 11}));
  engine_->Fill(view = {});
  ASSERT_EQ(view.groups.size(), 1u);
  EXPECT_EQ(view.groups[0].text, "6 of 40 entities, all az=\"b\"");
  EXPECT_EQ(view.groups[0].scope, "pod");
  ASSERT_EQ(told_.size(), 6u);
  for (const Anomaly& anomaly : told_) EXPECT_EQ(anomaly.group, view.groups[0].text);
}

// History that is read before the first tick knows entities that no tick has brought yet.
TEST_F(FleetTest, HistoryTrainsWhomNoTickHasBroughtYet) {
  Changes history;
  for (int m = 1; m <= 70; ++m)
    history.samples.push_back(
        {KeyOf(3), MinuteTick(m).end, SchemaHash(config_.scopes[0]), kBackfill, QuietValues(m)});
  ASSERT_TRUE(store_->Commit(history));
  minute_ = 70;
  engine_->LearnHistory(MinuteTick(minute_).end);
  EXPECT_EQ(Train(), 1u);
}

}  // namespace
}  // namespace aiops
