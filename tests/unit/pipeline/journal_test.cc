#include "pipeline/journal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "pipeline_testing.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

Changes SampleAt(int minute) {
  Changes changes;
  changes.samples.push_back({kWeb, MinuteTick(minute).end, 7, 0, {1.0 * minute}});
  return changes;
}

size_t StoredSamples(const Store& store) {
  const auto samples = store.ReadSamples({.key = kWeb, .until = FromUnixMillis(INT64_MAX)});
  return samples ? samples->size() : 0;
}

// While it lives, no file may grow beyond `bytes`.
class FullDisk {
 public:
  explicit FullDisk(std::int64_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit tight = old_;
    tight.rlim_cur = static_cast<rlim_t>(bytes);
    ::setrlimit(RLIMIT_FSIZE, &tight);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  const sighandler_t handler_;
};

class JournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> FileStore() {
    auto store = Store::Open(
        {.path = (folder_ / "aiops.db").string(), .busy_timeout = milliseconds(10)}, clock_);
    AIOPS_CHECK(store.has_value());
    return *std::move(store);
  }

  ManualClock clock_{kStart};
  const TestFolder scratch_;
  const std::filesystem::path folder_ = scratch_.path();
};

TEST_F(JournalTest, NothingWaitsWhileTheStoreTakesData) {
  const auto store = MemoryStore(clock_);
  Journal journal(*store);
  journal.Commit({});
  journal.Commit(SampleAt(1));
  EXPECT_EQ(journal.backlog(), 0u);
  EXPECT_EQ(StoredSamples(*store), 1u);
}

TEST_F(JournalTest, WhatAFullDiskRefusesWaitsInOrder) {
  const auto store = FileStore();
  Journal journal(*store);
  journal.Commit(SampleAt(0));
  {
    const FullDisk full(store->health().wal_bytes);
    for (int m = 1; m <= 5; ++m) journal.Commit(SampleAt(m));
    EXPECT_EQ(journal.backlog(), 5u);
    EXPECT_EQ(StoredSamples(*store), 1u);
  }
  journal.Flush();
  EXPECT_EQ(journal.backlog(), 0u);
  EXPECT_EQ(StoredSamples(*store), 6u);
}

TEST_F(JournalTest, BeyondItsBoundSamplesGoFirstAndAnomaliesNever) {
  constexpr int kSamples = 20;
  const auto store = FileStore();
  Journal journal(*store);
  journal.Commit(SampleAt(-1));
  {
    const FullDisk full(store->health().wal_bytes);
    Changes opened;
    opened.anomalies.push_back({.id = 1, .key = kWeb, .started_at = kStart});
    journal.Commit(opened);
    const auto bound = static_cast<int>(Journal::kMaxBacklog);
    for (int m = 0; m < bound + kSamples; ++m) journal.Commit(SampleAt(m));
    EXPECT_EQ(journal.backlog(), Journal::kMaxBacklog);
  }
  journal.Flush();
  EXPECT_EQ(store->ReadAnomalies({}).value().size(), 1u);
  const auto samples = store->ReadSamples({.key = kWeb, .until = FromUnixMillis(INT64_MAX)});
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), Journal::kMaxBacklog);  // the first one, and all but one that waited
  EXPECT_EQ(samples->at(1).time, MinuteTick(kSamples + 1).end);
}

}  // namespace
}  // namespace aiops
