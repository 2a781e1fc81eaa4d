// One writes, others read at the same time.
#include <atomic>
#include <thread>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class StoreThreads : public StoreTest, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(DiskAndMemory, StoreThreads, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Memory" : "Disk"; });

TEST_P(StoreThreads, ReadersSeeWholeTransactionsWhileOneWrites) {
  if (GetParam()) path_ = ":memory:";
  const auto store = OpenStore();
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0, failed = 0, reads = 0;
  auto read = [&] {
    while (!done) {
      const auto samples = store->ReadSamples({.key = kHost, .after = Time{}, .until = At(9999)});
      if (!samples) ++failed;
      if (samples && samples->size() % 2 != 0) ++torn;
      store->SetRetention(hours(24), hours(24));
      if (store->MaxAnomalyId().value() < 0) ++failed;
      if (!store->ReadAnomalies({.since = At(0)}) || !store->health().up) ++failed;
      ++reads;
    }
  };
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (int i = 0; i < 100 || reads < 20; ++i) {
    Changes changes{.samples = {SampleOf(At(2 * i), {1}), SampleOf(At(2 * i + 1), {1})}};
    ASSERT_TRUE(store->DeleteExpired(At(0)));
    if (i % 20 == 0) changes.anomalies = {AnomalyOf(i + 1, At(i))};
    ASSERT_TRUE(store->Commit(changes));
  }
  done = true;
  readers.clear();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace aiops
