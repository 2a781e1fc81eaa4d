// What happens when the file is full, locked, damaged, moved, or somebody else's.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/sqlite.h"
#include "unit/store/store_testing.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;

class StoreFault : public StoreTest {
 protected:
  Result<void> CommitAt(Store& store, int minute) {
    return store.Commit({.samples = {SampleOf(At(minute), {0.1 * minute})},
                         .checkpoints = {{"c", std::string(1000, 'x')}}});
  }
};

TEST_F(StoreFault, ASecondOpenNamesTheProcessThatHoldsIt) {
  const auto store = OpenStore();
  const auto second = TryOpen();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(Store::IsHeld(second.error()));
  EXPECT_TRUE(Store::IsHeld(second.error().Wrap("store")));
  EXPECT_THAT(second.error().message, HasSubstr("in use by process " + std::to_string(::getpid())));
}

TEST_F(StoreFault, ALinkToTheDatabaseSharesItsLock) {
  const auto store = OpenStore();
  const std::string link = (folder_ / "link.db").string();
  std::filesystem::create_symlink(path_, link);
  const auto second = Store::Open({.path = link}, clock_);
  ASSERT_FALSE(second);
  EXPECT_TRUE(Store::IsHeld(second.error()));
}

TEST_F(StoreFault, AnotherNameOfTheDatabaseSharesItsLock) {
  const auto store = OpenStore();
  const std::string link = (folder_ / "hard.db").string();
  std::filesystem::create_hard_link(path_, link);
  const auto second = Store::Open({.path = link}, clock_);
  ASSERT_FALSE(second);
  EXPECT_TRUE(Store::IsHeld(second.error()));
  EXPECT_THAT(second.error().message, HasSubstr("in use by another process"));
}

TEST_F(StoreFault, WhoeverRemovesTheLockDoesNotGetTheDatabase) {
  const auto store = OpenStore();
  std::filesystem::remove(path_ + ".lock");
  const auto second = TryOpen();
  ASSERT_FALSE(second);
  EXPECT_TRUE(Store::IsHeld(second.error()));
}

TEST_F(StoreFault, ALockedDatabaseRecoversWithoutReopening) {
  const auto store = OpenStore();
  {
    ForeignConnection other(path_);
    other.Execute("BEGIN EXCLUSIVE");
    const auto refused = CommitAt(*store, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("locked by another program"));
    EXPECT_FALSE(store->health().up);
    EXPECT_EQ(store->health().error, refused.error().message);
    EXPECT_EQ(store->health().commit_failures, 1u);
    EXPECT_TRUE(AllSamples(*store).empty());  // readers go on
  }
  EXPECT_TRUE(CommitAt(*store, 1));
  EXPECT_TRUE(store->health().up);
  EXPECT_EQ(store->health().error, "");
  EXPECT_EQ(AllSamples(*store).size(), 1u);
}

TEST_F(StoreFault, AFileThatMayNotGrowIsUnavailableAndRecovers) {
  const auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = old;
  tight.rlim_cur = static_cast<rlim_t>(store->health().wal_bytes);
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = CommitAt(*store, 2);
  const auto again = CommitAt(*store, 3);
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(again);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable) << refused.error().message;
  EXPECT_FALSE(store->health().up);
  EXPECT_EQ(AllSamples(*store).size(), 1u);
  ASSERT_TRUE(CommitAt(*store, 2));
  EXPECT_TRUE(store->health().up);
  EXPECT_EQ(AllSamples(*store).size(), 2u);
  EXPECT_EQ(store->health().sample_rows, 2);
}

TEST_F(StoreFault, AFullDatabaseSaysSoAndGoesOnByItself) {
  auto db = Database::Open(path_, {.create = true}).value();
  ASSERT_TRUE(db->Execute("CREATE TABLE t(x); PRAGMA max_page_count=2"));
  const auto full = db->Run("INSERT INTO t VALUES(zeroblob(100000))");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(full.error().message, HasSubstr("the disk is full; free some space"));
  EXPECT_FALSE(db->NeedsReopen());
  ASSERT_TRUE(db->Execute("PRAGMA max_page_count=1000"));
  EXPECT_TRUE(db->Run("INSERT INTO t VALUES(zeroblob(100000))"));
}

TEST_F(StoreFault, AFileDamagedAtRestIsSetAsideAtTheStart) {
  CommitAt(*OpenStore(), 1).has_value();
  Damage();
  const auto damaged_bytes = std::filesystem::file_size(path_);
  clock_.Set(FromUnixMillis(1'795'489'320'000));
  const auto store = OpenStore();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->health().set_aside, path_ + ".corrupt-20261124T030200Z");
  EXPECT_EQ(std::filesystem::file_size(store->health().set_aside), damaged_bytes);
  EXPECT_TRUE(AllSamples(*store).empty());
  EXPECT_TRUE(CommitAt(*store, 2));
  EXPECT_TRUE(store->health().up);
}

TEST_F(StoreFault, ADatabaseThatIsNoneAnyMoreIsSetAside) {
  OpenStore().reset();
  std::ofstream(path_) << std::string(5000, 'n');
  EXPECT_TRUE(CommitAt(*OpenStore(), 1));
  EXPECT_EQ(FilesWith(".corrupt-").size(), 1u);
}

TEST_F(StoreFault, AFileThatNeverWasOursIsLeftAlone) {
  std::ofstream(path_) << "my thesis";
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("is not a database"));
  EXPECT_TRUE(FilesWith(".corrupt-").empty());
  EXPECT_TRUE(FilesWith(".lock").empty());
}

TEST_F(StoreFault, AFileDamagedWhileRunningIsSetAsideAndTheCommitGoesIntoANewOne) {
  auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  store.reset();  // everything is in the file, nothing in the WAL
  store = OpenStore();
  Damage();
  EXPECT_FALSE(store->ReadCheckpoints());  // a reader has nothing cached: it sees the damage
  const auto committed = CommitAt(*store, 2);
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_TRUE(store->health().up);
  EXPECT_FALSE(store->health().set_aside.empty());
  EXPECT_EQ(store->health().files_begun, 1u);
  const auto samples = AllSamples(*store);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].time, At(2));
}

// To a reader it is no database at all any more; the writer still holds what it has read.
TEST_F(StoreFault, AFileOverwrittenWhileRunningIsSetAside) {
  auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  store.reset();
  store = OpenStore();
  Damage(0);
  EXPECT_FALSE(store->ReadCheckpoints());
  const auto committed = CommitAt(*store, 2);
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_FALSE(store->health().set_aside.empty());
  EXPECT_EQ(store->health().files_begun, 1u);
}

TEST_F(StoreFault, AFifoIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("is no regular file"));
}

TEST_F(StoreFault, ADeletedFileIsBegunAnew) {
  const auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  std::filesystem::remove_all(folder_);
  const auto committed = CommitAt(*store, 2);
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(AllSamples(*store).size(), 1u);
  EXPECT_FALSE(TryOpen());  // the lock moved with it
  EXPECT_EQ(store->health().files_begun, 1u);
}

TEST_F(StoreFault, AMovedFileStaysWholeWhereItWent) {
  auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  const std::string moved = (folder_ / "moved.db").string();
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::rename(path_ + suffix, moved + suffix);
  ASSERT_TRUE(CommitAt(*store, 2));
  EXPECT_EQ(AllSamples(*store).size(), 1u);
  const auto other = Store::Open({.path = moved}, clock_).value();
  const auto samples = AllSamples(*other);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].time, At(1));
}

TEST_F(StoreFault, ADeletedWalLosesNothing) {
  auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  std::filesystem::remove(path_ + "-wal");
  ASSERT_TRUE(CommitAt(*store, 2));
  EXPECT_EQ(store->health().files_begun, 0u);
  store.reset();
  EXPECT_EQ(AllSamples(*OpenStore()).size(), 2u);
}

TEST_F(StoreFault, ADamagedRowIsLeftOutAndCounted) {
  const auto store = OpenStore();
  ASSERT_TRUE(CommitAt(*store, 1));
  ASSERT_TRUE(CommitAt(*store, 2));
  ASSERT_TRUE(store->Commit({.anomalies = {AnomalyOf(1, At(1)), AnomalyOf(2, At(2))}}));
  {
    ForeignConnection other(path_);
    other.Execute("UPDATE samples SET vector = x'ff' WHERE time = (SELECT min(time) FROM samples)");
    other.Execute("UPDATE anomalies SET severity = 77 WHERE id = 1");
  }
  EXPECT_EQ(AllSamples(*store).size(), 1u);
  EXPECT_EQ(store->ReadAnomalies({})->size(), 1u);
  EXPECT_EQ(store->health().damaged_rows, 2u);
  EXPECT_EQ(store->ReadAnomaly(1).error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(CommitAt(*store, 3));
  EXPECT_EQ(store->health().set_aside, "");  // one bad row is not a bad file
}

TEST_F(StoreFault, AStartOnALockedDatabaseIsNotAHeldOne) {
  OpenStore().reset();
  ForeignConnection other(path_);
  other.Execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable) << refused.error().message;
  EXPECT_FALSE(Store::IsHeld(refused.error()));
}

TEST_F(StoreFault, AFolderThatIsMissingIsMade) {
  path_ = (folder_ / "a" / "b" / "aiops.db").string();
  EXPECT_NE(OpenStore(), nullptr);
}

TEST_F(StoreFault, AFolderThatIsAFileIsNamed) {
  std::ofstream(folder_ / "file") << "x";
  path_ = (folder_ / "file" / "aiops.db").string();
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr((folder_ / "file").string()));
  EXPECT_FALSE(Store::IsHeld(refused.error()));
}

// As an ordinary user, in a child process.
TEST_F(StoreFault, AFolderThatIsNotWritableIsUnauthorized) {
  std::filesystem::permissions(folder_, std::filesystem::perms{0555});
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    const auto refused = TryOpen();
    const bool right = !refused && !Store::IsHeld(refused.error()) &&
                       refused.error().kind == ErrorKind::kUnauthorized &&
                       refused.error().message.find(folder_.string()) != std::string::npos;
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  std::filesystem::permissions(folder_, std::filesystem::perms{0755});
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace aiops
