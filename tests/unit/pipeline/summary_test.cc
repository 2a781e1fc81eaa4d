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

}  // namespace
}  // namespace aiops
