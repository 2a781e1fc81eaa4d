// No anomaly's id is given twice, whatever happens to the file.
#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class StoreAnomalyId : public StoreTest {
 protected:
  void CommitClosed(Store& store, std::int64_t id) {
    const auto done = store.Commit({.anomalies = {AnomalyOf(id, At(0), AnomalyState::kClosed)}});
    ASSERT_TRUE(done) << done.error().message;
  }
  static std::int64_t MaxId(const Store& store) { return store.MaxAnomalyId().value(); }
};

TEST_F(StoreAnomalyId, OnlyWhatIsCommittedAndGreaterCounts) {
  CaughtConnection connection;
  const auto store = OpenStore();
  EXPECT_EQ(MaxId(*store), 0);
  CommitClosed(*store, 7);
  CommitClosed(*store, 3);
  EXPECT_EQ(MaxId(*store), 7);
  connection.Fill();
  EXPECT_FALSE(store->Commit(
      {.checkpoints = {{"c", std::string(100'000, 'x')}}, .anomalies = {AnomalyOf(8, At(0))}}));
  EXPECT_EQ(MaxId(*store), 7);
}

TEST_F(StoreAnomalyId, OutlivesTheAnomalyAndTheProcess) {
  {
    const auto store = OpenStore();
    CommitClosed(*store, 41);
    ASSERT_TRUE(store->DeleteExpired(At(0) + hours(24 * 366)));
    EXPECT_FALSE(store->ReadAnomaly(41)->has_value());
    CommitClosed(*store, 3);  // what came late takes nothing back
  }
  EXPECT_EQ(MaxId(*OpenStore()), 41);
}

TEST_F(StoreAnomalyId, ANewFileBeginsWithIt) {
  CommitClosed(*OpenStore(), 41);  // everything is in the file, nothing in the WAL
  auto store = OpenStore();
  Damage();
  EXPECT_FALSE(store->ReadCheckpoints());
  ASSERT_TRUE(store->Commit({.checkpoints = {{"c", "v"}}}));
  EXPECT_FALSE(store->health().set_aside.empty());
  EXPECT_EQ(MaxId(*store), 41);
  store.reset();
  EXPECT_EQ(MaxId(*OpenStore()), 41);
}

TEST_F(StoreAnomalyId, ADeletedFileIsBegunAnewWithIt) {
  auto store = OpenStore();
  CommitClosed(*store, 41);
  std::filesystem::remove_all(folder_);
  ASSERT_TRUE(store->Commit({.checkpoints = {{"c", "v"}}}));
  store.reset();
  EXPECT_EQ(MaxId(*OpenStore()), 41);
}

TEST_F(StoreAnomalyId, IsSavedFromAFileThatWasDamagedAtRest) {
  {
    const auto store = OpenStore();
    CommitClosed(*store, 41);
    ASSERT_TRUE(store->Commit({.checkpoints = {{"c", std::string(100'000, 'x')}}}));
  }
  Damage(std::filesystem::file_size(path_) - 4096);  // the end of the checkpoint
  const auto store = OpenStore();
  ASSERT_FALSE(store->health().set_aside.empty());
  EXPECT_EQ(MaxId(*store), 41);
}

}  // namespace
}  // namespace aiops
