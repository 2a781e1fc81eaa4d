#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class Retention : public StoreTest {
 protected:
  Retention() {
    store_ =
        Store::Open(
            {.path = ":memory:", .retention_samples = hours(1), .retention_anomalies = hours(2)},
            clock_)
            .value();
  }
  // Calls until there is no more; returns how many calls that took.
  int DeleteAll(Time now) {
    for (int calls = 1; calls < 100; ++calls) {
      const Expired expired = store_->DeleteExpired(now).value();
      gone_.insert(gone_.end(), expired.entities.begin(), expired.entities.end());
      if (!expired.more) return calls;
    }
    return 100;
  }
  void Commit(const Changes& changes) { ASSERT_TRUE(store_->Commit(changes)); }
  std::unique_ptr<Store> store_;
  std::vector<EntityKey> gone_;
};

TEST_F(Retention, OldSamplesAndJudgementsGoInSlices) {
  Changes changes;
  for (int i = 0; i < 3000; ++i) {
    changes.samples.push_back(SampleOf(At(-i), {1}));
    changes.judgements.push_back({.key = kHost, .time = At(-i)});
  }
  Commit(changes);
  ASSERT_TRUE(store_->DeleteExpired(At(0))->more);
  EXPECT_EQ(store_->health().sample_rows, 2000);  // one slice is at most 1,000 rows
  EXPECT_GE(DeleteAll(At(0)), 5);
  EXPECT_EQ(AllSamples(*store_).size(), 61u);  // exactly an hour is kept
  EXPECT_EQ(store_->ReadJudgements(kHost, {Time{}, At(0)})->size(), 61u);
  EXPECT_EQ(store_->health().sample_rows, 61);
}

TEST_F(Retention, ManyEntitiesAreVisitedInTurn) {
  Changes changes;
  for (int i = 0; i < 600; ++i) {
    const EntityKey key{"node", "n" + std::to_string(i)};
    changes.samples.push_back(SampleOf(At(-120), {1}, key));
    changes.samples.push_back(SampleOf(At(0), {1}, key));
  }
  Commit(changes);
  EXPECT_GE(DeleteAll(At(0)), 3);
  EXPECT_EQ(store_->health().sample_rows, 600);
  EXPECT_EQ(store_->ReadEntities("node", Time{})->size(), 600u);
  EXPECT_TRUE(gone_.empty());
}

TEST_F(Retention, AnEntityGoesWithItsLastRowAndMayComeBack) {
  Commit({.samples = {SampleOf(At(-120), {1})}, .entities = {{kHost, {{"a", "b"}}}}});
  DeleteAll(At(0));
  Commit({.samples = {SampleOf(At(1), {2})}});
  const auto rows = store_->ReadEntities("server", Time{}).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].labels.empty());
  EXPECT_EQ(AllSamples(*store_).size(), 1u);
}

TEST_F(Retention, EntitiesOfWhichNothingIsLeftAreNamedOnce) {
  const EntityKey judged{"server", "judged"}, two{"node", "n2"};
  Commit({.samples = {SampleOf(At(-120), {1}), SampleOf(At(-120), {1}, judged),
                      SampleOf(At(-120), {1}, two), SampleOf(At(0), {1}, {"node", "n1"})},
          .judgements = {{.key = judged, .time = At(0)}}});
  DeleteAll(At(0));
  EXPECT_EQ(gone_, (std::vector<EntityKey>{kHost, two}));
  DeleteAll(At(0));
  EXPECT_EQ(gone_.size(), 2u);
  DeleteAll(At(61));
  EXPECT_EQ(gone_, (std::vector<EntityKey>{kHost, two, judged, {"node", "n1"}}));
}

TEST_F(Retention, ItCanBeChangedWhileOpen) {
  Commit({.samples = {SampleOf(At(-90), {1}), SampleOf(At(-30), {1})},
          .anomalies = {AnomalyOf(1, At(-90), AnomalyState::kClosed)}});
  store_->SetRetention(hours(2), hours(1));
  DeleteAll(At(0));
  EXPECT_EQ(AllSamples(*store_).size(), 2u);
  EXPECT_FALSE(store_->ReadAnomaly(1)->has_value());
  store_->SetRetention(minutes(29), hours(1));
  DeleteAll(At(0));
  EXPECT_TRUE(AllSamples(*store_).empty());
}

TEST_F(Retention, OpenAnomaliesStayAndNoIdIsGivenAgain) {
  Commit({.anomalies = {AnomalyOf(1, At(-999)), AnomalyOf(2, At(-999), AnomalyState::kClosed),
                        AnomalyOf(3, At(-999), AnomalyState::kClosed)},
          .outbox = {{.receiver = "r", .state = OutboxState::kSent, .created_at = At(-999)},
                     {.receiver = "r", .created_at = At(-999)}},
          .audit = {AuditOf("old", At(-999)), AuditOf("new", At(0))}});
  DeleteAll(At(0));
  EXPECT_TRUE(store_->ReadAnomaly(1)->has_value());
  EXPECT_FALSE(store_->ReadAnomaly(2)->has_value());
  EXPECT_FALSE(store_->ReadAnomaly(3)->has_value());
  EXPECT_EQ(store_->MaxAnomalyId().value(), 3);
  const auto outbox = store_->ReadOutbox({}).value();
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].state, OutboxState::kPending);
  EXPECT_EQ(store_->ReadAudit({})->size(), 1u);
}

}  // namespace
}  // namespace aiops
