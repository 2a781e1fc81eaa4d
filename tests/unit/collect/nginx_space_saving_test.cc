// The bounded list of frequent keys against counters for all of them.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "collect/nginx/space_saving.h"

namespace aiops {
namespace {

struct Truth {
  std::uint64_t count = 0;
  std::uint64_t errors_4xx = 0;
  std::uint64_t errors_5xx = 0;
};

constexpr int kStatuses[] = {200, 404, 502, 301, 499};

class Stream {
 public:
  void Add(const std::string& key) {
    const int status = kStatuses[total_++ % 5];
    sketch_.Add(key, status);
    Truth& truth = truth_[key];
    ++truth.count;
    truth.errors_4xx += status / 100 == 4;
    truth.errors_5xx += status / 100 == 5;
  }

  // What the paper promises.
  void Check() const {
    std::uint64_t sum = 0;
    std::map<std::string, int> keys;
    ASSERT_LE(sketch_.counters().size(), SpaceSaving::kCounters);
    for (const auto& counter : sketch_.counters()) {
      const Truth& truth = truth_.at(counter.key);
      EXPECT_GE(counter.count, truth.count) << counter.key;
      EXPECT_LE(counter.count - counter.error, truth.count) << counter.key;
      EXPECT_LE(counter.error, total_ / SpaceSaving::kCounters);
      EXPECT_LE(counter.errors_4xx, truth.errors_4xx);
      EXPECT_LE(counter.errors_5xx, truth.errors_5xx);
      if (counter.error == 0) {
        EXPECT_EQ(counter.count, truth.count);
        EXPECT_EQ(counter.errors_4xx, truth.errors_4xx);
        EXPECT_EQ(counter.errors_5xx, truth.errors_5xx);
      }
      sum += counter.count;
      EXPECT_EQ(++keys[counter.key], 1) << counter.key << " twice";
    }
    EXPECT_EQ(sum, total_);
    for (const auto& [key, truth] : truth_) {
      EXPECT_TRUE(keys.contains(key) || truth.count <= total_ / SpaceSaving::kCounters) << key;
    }
  }

 private:
  SpaceSaving sketch_;
  std::map<std::string, Truth> truth_;
  std::uint64_t total_ = 0;
};

TEST(NginxSpaceSaving, IsExactWhileThereAreNoMoreKeysThanCounters) {
  Stream stream;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) stream.Add("/" + std::to_string(random() % 64));
  stream.Check();
}

TEST(NginxSpaceSaving, KeepsItsPromisesInAnyStream) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    Stream stream;
    std::mt19937 random(seed);
    std::geometric_distribution<int> skewed(0.02);
    for (int i = 0; i < 20'000; ++i) {
      switch (seed % 4) {
        case 0:
          stream.Add(std::to_string(skewed(random)));
          break;
        case 1:
          stream.Add(std::to_string(i));  // all distinct
          break;
        case 2:
          stream.Add(std::to_string(i % 65));  // one more than there are counters, in turn
          break;
        default:
          stream.Add(random() % 3 == 0 ? "often" : std::to_string(random()));
          break;
      }
      if (i % 997 == 0) stream.Check();
    }
    stream.Check();
  }
}

}  // namespace
}  // namespace aiops
