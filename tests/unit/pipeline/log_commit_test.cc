// The log collector, its checkpoint and the store: the process is lost right before and right after
// the commit of each tick in turn, and every minute's requests are what was written.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "pipeline_testing.h"
#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

constexpr int kMinutes = 8;

class LogCommit {
 public:
  LogCommit() { h_.folder.Append(""); }

  void Run(int lost_at, bool after_commit) {
    for (int minute = 1; minute <= kMinutes; ++minute) {
      WriteHalf(minute);
      h_.Read();
      Rotate(minute);
      WriteHalf(minute);
      auto collected = h_.Tick(kStart + minutes(minute));
      ASSERT_TRUE(collected) << collected.error().message;
      const bool lost = minute == lost_at;
      if (!lost || after_commit) Commit(minute, *collected);
      if (lost) h_.Start(StoredCheckpoint());
    }
    Compare();
  }

 private:
  // Of every minute another number of requests.
  void WriteHalf(int minute) {
    for (int i = 0; i < minute + 2; ++i) {
      h_.folder.Append(AccessLine(kStart + minutes(minute) - seconds(40 - i)));
      ++written_[kStart + minutes(minute)];
    }
  }
  void Rotate(int minute) {
    const std::string to = "access.log-2026112" + std::to_string(minute);
    if (minute % 3 == 1) return;
    if (minute % 3 == 2) return h_.folder.CopyTruncate(to);
    h_.folder.Rename("access.log", to);
    h_.folder.Append("");
  }

  void Commit(int minute, const Collected& collected) {
    Changes changes;
    const auto add = [&](Time end, const std::vector<Reading>& readings) {
      const double rate = NginxHarness::ByName(readings).at("request_rate");
      changes.samples.push_back({kWeb, end, 1, 0, {rate * 60}});
    };
    for (const auto& past : collected.past) add(past.end, past.readings);
    add(kStart + minutes(minute), collected.readings);
    changes.checkpoints.push_back({"nginx_log", *collected.checkpoint});
    const auto committed = store_->Commit(changes);
    ASSERT_TRUE(committed) << committed.error().message;
  }
  std::optional<std::string> StoredCheckpoint() const {
    const auto stored = store_->ReadCheckpoints();
    if (!stored || stored->empty()) return std::nullopt;
    return stored->front().value;
  }

  void Compare() {
    const auto samples = store_->ReadSamples({.key = kWeb, .until = kStart + hours(1)});
    ASSERT_TRUE(samples) << samples.error().message;
    std::map<Time, int> told;
    for (const auto& sample : *samples) {
      told[sample.time] = static_cast<int>(std::lround(sample.values.at(0)));
    }
    EXPECT_EQ(told, written_);
  }

  NginxHarness h_{seconds(60), "start: beginning"};
  std::unique_ptr<Store> store_ = MemoryStore(h_.clock);
  std::map<Time, int> written_;
};

TEST(LogCommit, AProcessThatIsLostBeforeOrAfterAnyCommitLosesAndDoublesNothing) {
  for (const bool after_commit : {false, true}) {
    // The first start alone knows nothing of files that were rotated before it; the last tick is
    // the one that brings what was lost.
    for (int lost_at = 2; lost_at < kMinutes; ++lost_at) {
      SCOPED_TRACE("lost at minute " + std::to_string(lost_at) +
                   (after_commit ? ", after its commit" : ", before its commit"));
      LogCommit().Run(lost_at, after_commit);
    }
  }
}

}  // namespace
}  // namespace aiops
