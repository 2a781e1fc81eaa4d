// Random writes, rotations, truncations, ticks and kills against a model that knows the truth.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

struct Truth {
  int requests = 0;
  int errors = 0;
  std::int64_t bytes = 0;
  std::set<std::string> clients;
};

class Model {
 public:
  explicit Model(unsigned seed) : random_(seed), next_tick_(h_.clock.Now() + kInterval) {
    h_.folder.Append("");
    h_.Read();
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
      switch (Below(12)) {
        case 0:
          Rotate();
          break;
        case 1:
          CopyTruncate();
          break;
        case 2:
          Kill();
          break;
        case 3:
          h_.Read();
          break;
        case 4:
        case 5:
          MaybeTick();
          break;
        case 6:
          FinishPartial();
          partial_ = Line();
          Put(partial_.substr(0, partial_.size() / 2));
          break;
        default:
          Write();
          break;
      }
      h_.clock.Advance(milliseconds(Below(1500)));
    }
    FinishPartial();
    h_.clock.Set(next_tick_ + seconds(4));
    MaybeTick();
    Compare();
  }

 private:
  static constexpr Duration kInterval = seconds(10);

  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  // A line of now or of up to two seconds ago, counted in the truth.
  std::string Line() {
    const Time t = FloorTo(h_.clock.Now(), seconds(1)) - seconds(Below(3));
    const int status = Below(4) == 0 ? 500 : 200;
    const std::string client = "c" + std::to_string(Below(6));
    const int bytes = Below(5000);
    auto& truth = truth_[FloorTo(t, kInterval) + kInterval];
    ++truth.requests;
    truth.errors += status == 500;
    truth.bytes += bytes;
    truth.clients.insert(client);
    // Unlike all others, so that no two files begin alike.
    return AccessLine(t, status, bytes, client, "/" + std::to_string(++lines_));
  }

  // To the file that the writer holds: for a while after a rotation, the old one.
  void Put(const std::string& text) { h_.folder.Append(text, held_); }

  void FinishPartial() {
    if (!partial_.empty()) Put(partial_.substr(partial_.size() / 2));
    partial_.clear();
  }

  void Write() {
    FinishPartial();
    for (int n = Below(5); n >= 0; --n) Put(Line());
    if (held_ != "access.log" && Below(2) == 0) held_ = "access.log";
  }

  void Shift() {
    for (int i = 40; i >= 1; --i) {
      const std::string from = "access.log." + std::to_string(i);
      if (!std::filesystem::exists(h_.folder.Path(from))) continue;
      h_.folder.Rename(from, "access.log." + std::to_string(i + 1));
    }
  }

  void Rotate() {
    FinishPartial();
    held_ = "access.log";
    Shift();
    h_.folder.Rename("access.log", "access.log.1");
    h_.folder.Append("");
    if (Below(2) == 0) held_ = "access.log.1";
  }

  void CopyTruncate() {
    if (held_ != "access.log" || std::filesystem::file_size(h_.folder.Path()) == 0) return;
    FinishPartial();
    Shift();
    h_.folder.CopyTruncate("access.log.1");
  }

  void MaybeTick() {
    if (h_.clock.Now() < next_tick_ + seconds(4)) return;
    // After a downtime the pipeline goes on with the present interval.
    next_tick_ = FloorTo(h_.clock.Now() - seconds(4), kInterval);
    FinishPartial();
    auto collected = h_.Tick(next_tick_);
    ASSERT_TRUE(collected) << collected.error().message;
    const bool dies_before_the_commit = checkpoint_ && Below(5) == 0;
    if (dies_before_the_commit) {
      h_.Start(checkpoint_);
    } else {
      for (const auto& past : collected->past) told_[past.end] = past.readings;
      told_[next_tick_] = collected->readings;
      checkpoint_ = collected->checkpoint;
      EXPECT_EQ(collected->counters.at({"lines_late", ""}), 0);
      EXPECT_EQ(collected->counters.at({"files_lost", ""}), 0);
    }
    next_tick_ += kInterval;
  }

  void Kill() {
    if (!checkpoint_) return;  // a first start knows nothing of what was before it
    h_.Start(checkpoint_);
    if (Below(4) == 0) h_.clock.Advance(seconds(Below(40)));
  }

  void Compare() {
    ASSERT_FALSE(told_.empty());
    const Time last = told_.rbegin()->first;
    for (const auto& [end, truth] : truth_) {
      if (end < told_.begin()->first) continue;  // before the first start
      if (end > last) break;
      ASSERT_TRUE(told_.contains(end)) << "nothing was told of " << FormatTime(end);
    }
    for (const auto& [end, readings] : told_) {
      SCOPED_TRACE(FormatTime(end));
      auto values = NginxHarness::ByName(readings);
      const Truth truth = truth_[end];
      EXPECT_NEAR(values["request_rate"] * Seconds(kInterval), truth.requests, 1e-6);
      EXPECT_NEAR(values["error_rate_5xx"] * truth.requests, truth.errors, 1e-6);
      EXPECT_EQ(values.contains("avg_response_size"), truth.requests > 0);
      EXPECT_NEAR(values["avg_response_size"] * truth.requests, static_cast<double>(truth.bytes),
                  1e-3);
      std::set<std::string> clients;
      for (Time t = end; t > end - minutes(1); t -= kInterval) {
        clients.insert(truth_[t].clients.begin(), truth_[t].clients.end());
      }
      EXPECT_EQ(values["unique_ips_per_min"], static_cast<double>(clients.size()));
    }
  }

  std::mt19937 random_;
  NginxHarness h_{kInterval};
  Time next_tick_;
  std::optional<std::string> checkpoint_;
  std::string held_ = "access.log";
  std::string partial_;
  int lines_ = 0;
  std::map<Time, Truth> truth_;
  std::map<Time, std::vector<Reading>> told_;
};

TEST(NginxModel, CountsEveryLineOnceThroughRotationsTruncationsAndKills) {
  for (unsigned seed = 1; seed <= 12 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).Run(300);
  }
}

}  // namespace
}  // namespace aiops
