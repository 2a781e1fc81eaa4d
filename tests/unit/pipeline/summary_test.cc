#include "pipeline/summary.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(LearnedSummary, NamesWhatLeftItsBandWithTheBand) {
  EXPECT_EQ(LearnedSummary({{"memory_percent", "%", 40, 40, 38, 42, 0.6},
                            {"cpu_percent", "%", 97, 30, 20, 40, 0.3},
                            {"disk_io", "%", 50, kMissing, kMissing, kMissing, 0.1}}),
            "cpu_percent 97 % (expected 20 % to 40 %), disk_io 50 %");
}

TEST(LearnedSummary, WhereNothingDidTheCombinationIsUnusual) {
  EXPECT_EQ(LearnedSummary({{"memory_percent", "%", 40, 40, 38, 42, 0.6},
                            {"cpu_percent", "%", 30, 30, 20, 40, 0.4}}),
            "an unusual combination of values that are usual each by itself: memory_percent 40 %, "
            "cpu_percent 30 %");
}

class MainFeaturesTest : public testing::Test {
 protected:
  MainFeaturesTest() {
    for (const char* name : {"cpu", "memory", "disk"}) {
      scope_.features.emplace_back();
      scope_.features.back().name = name;
      score_.features.push_back({.value = 2, .expected = 2, .lower = 1, .upper = 3});
    }
    score_.verdict = Verdict::kNormal;
  }
  std::string Named() const {
    std::string out;
    for (const Contribution& c : MainFeatures(scope_, score_)) out += c.feature + " ";
    return out;
  }

  Scope scope_;
  Score score_;
};

TEST_F(MainFeaturesTest, AreThoseOutsideAlsoIfTheyDidNotCount) {
  EXPECT_EQ(Named(), "");
  score_.features[0].contribution = 5;
  EXPECT_EQ(Named(), "");
  score_.features[1] = {.value = 0, .lower = 1, .upper = 3, .gate = Gate::kDirection};
  score_.features[2] = {.value = 9, .lower = 1, .upper = 3, .contribution = 2};
  EXPECT_EQ(Named(), "disk memory ");
  EXPECT_EQ(MainFeatures(scope_, score_)[1].gate, Gate::kDirection);
  score_.verdict = Verdict::kUnknown;
  EXPECT_EQ(Named(), "");
}

TEST_F(MainFeaturesTest, OfAnAlarmWithoutAnyAreTheStrongest) {
  score_.verdict = Verdict::kWarning;
  score_.features[2].contribution = 2;
  score_.features[0].contribution = 1;
  EXPECT_EQ(Named(), "disk cpu ");
}

}  // namespace
}  // namespace aiops
