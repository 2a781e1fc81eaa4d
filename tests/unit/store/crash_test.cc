// A process that is killed at any moment loses nothing that was acknowledged, and tears no
// transaction.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class StoreCrash : public StoreTest {
 protected:
  // Commits number after number, each in a sample and in a checkpoint, and says so through the
  // pipe.
  [[noreturn]] void CommitUntilKilled(int first, int acknowledge) {
    auto store = TryOpen();
    if (!store) ::_exit(1);
    for (int i = first;; ++i) {
      Changes changes{.samples = {SampleOf(At(i), {0.1 * i})},
                      .checkpoints = {{"c", std::to_string(i)}, {"bulk", std::string(20000, 'x')}}};
      if (i % 5 == 0) changes.anomalies = {AnomalyOf(i, At(i))};
      if (!(*store)->Commit(changes)) ::_exit(1);
      if (::write(acknowledge, &i, sizeof i) != sizeof i) ::_exit(1);
    }
  }

  // Kills it after so many acknowledgements and a bit of work; returns the last number
  // acknowledged.
  int RunAndKill(int first, int acknowledgements, unsigned spins) {
    int ends[2];
    AIOPS_CHECK(::pipe(ends) == 0);
    const pid_t child = ::fork();
    AIOPS_CHECK(child >= 0);
    if (child == 0) CommitUntilKilled(first, ends[1]);
    ::close(ends[1]);
    int last = first - 1;
    for (int i = 0; i < acknowledgements && ::read(ends[0], &last, sizeof last) == sizeof last;
         ++i) {
    }
    for (std::atomic<unsigned> i = 0; i < spins; ++i) {
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &last, sizeof last) == sizeof last) {
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";
    ::close(ends[0]);
    return last;
  }
};

TEST_F(StoreCrash, KilledAtRandomTimesNothingAcknowledgedIsLost) {
  std::mt19937 random(3);
  int next = 1;
  for (int kill = 0; kill < 20; ++kill) {
    const int acknowledged = RunAndKill(next, 1 + static_cast<int>(random() % 30),
                                        static_cast<unsigned>(random() % 400000));
    ASSERT_GE(acknowledged, next);
    const auto store = OpenStore();
    ASSERT_NE(store, nullptr);
    ASSERT_EQ(store->health().set_aside, "");
    const auto samples = AllSamples(*store);
    ASSERT_GE(samples.size(), static_cast<size_t>(acknowledged));
    ASSERT_LE(samples.size(),
              static_cast<size_t>(acknowledged) + 1);  // one may have been on its way
    for (size_t i = 0; i < samples.size(); ++i)
      ASSERT_EQ(samples[i].time, At(static_cast<int>(i) + 1));
    const auto checkpoints = store->ReadCheckpoints().value();
    ASSERT_EQ(checkpoints.at(1).value, std::to_string(samples.size()));
    ASSERT_EQ(store->MaxAnomalyId().value(), static_cast<std::int64_t>(samples.size() / 5 * 5));
    next = static_cast<int>(samples.size()) + 1;
  }
}

}  // namespace
}  // namespace aiops
