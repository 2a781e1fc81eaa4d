// What a refused write says: try again, or never; and when all is well again.
#include <gmock/gmock.h>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;

class StoreRefusal : public StoreTest {
 protected:
  static Changes Bytes(size_t count) { return {.checkpoints = {{"c", std::string(count, 'x')}}}; }
  CaughtConnection connection_;
};

TEST_F(StoreRefusal, RetentionWithNothingToDeleteDoesNotHideAFullDisk) {
  const auto store = OpenStore();
  ASSERT_TRUE(store->Commit({.samples = {SampleOf(At(1), {1})}}));
  connection_.Fill();
  const auto full = store->Commit(Bytes(100'000));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(full.error().message, HasSubstr("the disk is full"));
  ASSERT_TRUE(store->DeleteExpired(At(2)));
  EXPECT_FALSE(store->health().up);
  EXPECT_EQ(store->health().error, full.error().message);
  connection_.Free();
  ASSERT_TRUE(store->DeleteExpired(At(2)));
  EXPECT_FALSE(store->health().up);
  ASSERT_TRUE(store->Commit(Bytes(100'000)));
  EXPECT_TRUE(store->health().up);
  EXPECT_EQ(store->health().error, "");
}

TEST_F(StoreRefusal, ACommitThatChangesNothingDoesNotHideAFullDisk) {
  const auto store = OpenStore();
  const Changes same{.entities = {{kHost, {{"a", "b"}}}}, .schemas = {{1, {"cpu"}}}};
  ASSERT_TRUE(store->Commit(same));
  connection_.Fill();
  ASSERT_FALSE(store->Commit(Bytes(100'000)));
  ASSERT_TRUE(store->Commit(same));
  EXPECT_FALSE(store->health().up);
}

TEST_F(StoreRefusal, RetentionThatDeletedShowsThatAllIsWell) {
  const auto store = OpenStore();
  ASSERT_TRUE(store->Commit({.samples = {SampleOf(At(1), {1})}}));
  connection_.Fill();
  ASSERT_FALSE(store->Commit(Bytes(100'000)));
  ASSERT_EQ(store->DeleteExpired(At(2) + hours(24 * 30))->entities.size(), 1u);
  EXPECT_TRUE(store->health().up);
}

TEST_F(StoreRefusal, RetentionThatFailsIsNotWell) {
  const auto store = OpenStore();
  ForeignConnection other(path_);
  other.Execute("BEGIN IMMEDIATE");
  EXPECT_FALSE(store->DeleteExpired(At(2)));
  EXPECT_FALSE(store->health().up);
}

TEST_F(StoreRefusal, AValueThatIsTooLongIsRefusedForGood) {
  const auto store = OpenStore();
  connection_.LimitLength(20'000);
  const auto bound = store->Commit(
      {.samples = {SampleOf(At(1), {1})}, .checkpoints = {{"c", std::string(30'000, 'x')}}});
  Anomaly wide = AnomalyOf(1, At(1));
  wide.evidence = wide.root_cause = std::string(15'000, 'x');  // only the row is too long
  const auto row = store->Commit({.anomalies = {wide}});
  for (const auto& refused : {bound, row}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("too big"));
  }
  EXPECT_TRUE(store->health().up);  // the store is well, the changes were not
  EXPECT_EQ(store->health().commit_failures, 2u);
  EXPECT_TRUE(AllSamples(*store).empty());
  EXPECT_EQ(store->MaxAnomalyId().value(), 0);
  EXPECT_TRUE(
      store->Commit({.samples = {SampleOf(At(1), {1})}, .anomalies = {AnomalyOf(1, At(1))}}));
}

TEST_F(StoreRefusal, AConstraintRefusesForGood) {
  const auto store = OpenStore();
  ForeignConnection(path_).Execute(
      "CREATE TRIGGER no BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END");
  const auto refused = store->Commit({.audit = {AuditOf("a", At(1))}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_TRUE(store->Commit(Bytes(10)));
}

TEST_F(StoreRefusal, ADatabaseWithoutATableIsNotTheChangesFault) {
  const auto store = OpenStore();
  ForeignConnection(path_).Execute("DROP TABLE audit");
  const auto refused = store->Commit({.audit = {AuditOf("a", At(1))}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(store->health().up);
}

TEST_F(StoreRefusal, ARefusalForGoodDoesNotHideAFullDisk) {
  const auto store = OpenStore();
  connection_.Fill();
  const auto full = store->Commit(Bytes(100'000));
  ASSERT_FALSE(full);
  connection_.LimitLength(20'000);
  EXPECT_EQ(store->Commit(Bytes(30'000)).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(store->health().up);
  EXPECT_EQ(store->health().error, full.error().message);
}

TEST_F(StoreRefusal, AnotherProgramsFileInItsPlaceIsNotTheChangesFault) {
  const auto store = OpenStore();
  ASSERT_TRUE(store->Commit(Bytes(10)));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  ForeignConnection(path_).Execute("CREATE TABLE theirs(x)");
  const auto refused = store->Commit(Bytes(10));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("another program's database"));
  EXPECT_FALSE(store->health().up);
  std::filesystem::remove(path_);
  EXPECT_TRUE(store->Commit(Bytes(10)));
}

}  // namespace
}  // namespace aiops
