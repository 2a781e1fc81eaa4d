// A log is rotated in every way while it is read without a pause: what the directory shows changes
// between any two system calls of the reader. AIOPS_RACE_SEEDS=N runs N seeds instead of one.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "unit/collect/nginx_follower_harness.h"

namespace aiops {
namespace {

constexpr int kRotations = 60;
constexpr char kLog[] = "access.log";

// Writes numbered lines and rotates as logrotate does.
class Rotator {
 public:
  Rotator(const TestLogFolder& folder, unsigned seed) : folder_(folder), random_(seed) {}

  void Run() {
    out_.open(folder_.Path(), std::ios::app);
    for (int i = 0; i < kRotations; ++i) {
      WriteSome();
      Rotate();
    }
    WriteSome();
  }
  int lines() const { return lines_; }

 private:
  bool OneIn(unsigned n) { return random_() % n == 0; }
  void WriteSome() {
    for (auto n = random_() % 20; n > 0; --n) out_ << "line " << lines_++ << std::endl;
    std::this_thread::sleep_for(std::chrono::microseconds(5000 + random_() % 8000));
  }
  std::string Numbered(int i) const {
    const std::string plain = kLog + ("." + std::to_string(i));
    return std::filesystem::exists(folder_.Path(plain)) ? plain : plain + ".gz";
  }
  void Rotate() {
    for (int i = files_; i >= 1; --i) {
      const std::string from = Numbered(i);
      folder_.Rename(from,
                     kLog + ("." + std::to_string(i + 1)) + (from.ends_with("z") ? ".gz" : ""));
    }
    ++files_;
    const std::string newest = std::string(kLog) + ".1";
    if (OneIn(2)) {
      folder_.Rename(kLog, newest);
      WriteSome();  // to the old file
      out_.close();
      out_.open(folder_.Path(), std::ios::app);
    } else {
      folder_.CopyTruncate(newest);
    }
    WriteSome();
    if (!OneIn(3)) Compress(Numbered(OneIn(2) ? 1 : std::min(2, files_)));
  }
  void Compress(const std::string& name) {
    if (name.ends_with(".gz")) return;
    std::ifstream in(folder_.Path(name), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string gzip = folder_.Path(name + ".gz");
    folder_.Append(Gzipped(text), name + ".gz");
    std::filesystem::last_write_time(gzip, std::filesystem::last_write_time(folder_.Path(name)));
    std::filesystem::remove(folder_.Path(name));
  }

  const TestLogFolder& folder_;
  std::mt19937 random_;
  std::ofstream out_;
  int lines_ = 0;
  int files_ = 0;
};

void Race(unsigned seed) {
  FollowerHarness h(4096);
  h.folder.Append("");
  h.Start();
  h.Poll();
  Rotator rotator(h.folder, seed);
  std::atomic<bool> ended = false;
  std::jthread rotating([&] {
    rotator.Run();
    ended = true;
  });
  while (!ended) h.Poll(milliseconds(1));
  rotating.join();
  for (int i = 0; i < 5; ++i) h.Poll(milliseconds(1));
  std::map<std::string, int> told;
  for (const auto& line : h.lines) ++told[line];
  std::vector<int> lost;
  std::vector<int> doubled;
  for (int i = 0; i < rotator.lines(); ++i) {
    const int times = told["line " + std::to_string(i)];
    if (times == 0) lost.push_back(i);
    if (times > 1) doubled.push_back(i);
  }
  EXPECT_EQ(lost, std::vector<int>{});
  EXPECT_EQ(doubled, std::vector<int>{});
}

TEST(NginxFollowerRace, DeliversEachLineOnceWhileTheLogIsRotatedUnderIt) {
  const char* seeds = std::getenv("AIOPS_RACE_SEEDS");
  for (int seed = 1; seed <= (seeds != nullptr ? std::atoi(seeds) : 1); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Race(static_cast<unsigned>(seed));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace aiops
