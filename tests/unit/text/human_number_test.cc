#include "text/human_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace aiops {
namespace {

TEST(HumanNumber, KeepsThreeDigits) {
  EXPECT_EQ(HumanNumber(93.2468, "%"), "93.2 %");
  EXPECT_EQ(HumanNumber(0.25, ""), "0.25");
  EXPECT_EQ(HumanNumber(0.0123456, ""), "0.0123");
  EXPECT_EQ(HumanNumber(1.005, ""), "1");
  EXPECT_EQ(HumanNumber(-7.5, "s"), "-7.5 s");
}

TEST(HumanNumber, NeverCutsTheIntegerPart) {
  EXPECT_EQ(HumanNumber(1234.6, "requests/s"), "1235 requests/s");
  EXPECT_EQ(HumanNumber(100, "%"), "100 %");
}

TEST(HumanNumber, GivesBytesAPrefix) {
  EXPECT_EQ(HumanNumber(512, "B"), "512 B");
  EXPECT_EQ(HumanNumber(1'234'567, "B/s"), "1.23 MB/s");
  EXPECT_EQ(HumanNumber(999.9, "bytes"), "1 kB");
  EXPECT_EQ(HumanNumber(5e9, "bytes/s"), "5 GB/s");
}

TEST(HumanNumber, SaysZeroPlainly) {
  EXPECT_EQ(HumanNumber(3e-6, "B/s"), "0 B/s");
  EXPECT_EQ(HumanNumber(0, ""), "0");
  EXPECT_EQ(HumanNumber(-0.0, "%"), "0 %");
}

TEST(HumanNumber, UsesAnExponentWhereZerosCannotBeCounted) {
  EXPECT_EQ(HumanNumber(1e-7, "s"), "<0.0001 s");
  EXPECT_EQ(HumanNumber(-1e-7, ""), ">-0.0001");
  EXPECT_EQ(HumanNumber(2.5e20, ""), "2.5e+20");
  EXPECT_EQ(HumanNumber(std::numeric_limits<double>::max(), "x"), "1.8e+308 x");
}

TEST(HumanNumber, SaysWhatIsNoNumber) {
  EXPECT_EQ(HumanNumber(std::nan(""), "%"), "unknown");
  EXPECT_EQ(HumanNumber(INFINITY, "%"), "infinite");
  EXPECT_EQ(HumanNumber(-INFINITY, "B"), "-infinite");
}

TEST(HumanNumber, WordsScoresAndCounts) {
  EXPECT_EQ(ScoreText(1), "1");
  EXPECT_EQ(ScoreText(0.168), "0.17");
  EXPECT_EQ(ScoreText(4.5e-6), "<0.01");
  EXPECT_EQ(ScoreText(0), "0");
  EXPECT_EQ(ScoreText(1234.567), "1235");
  EXPECT_EQ(ScoreText(std::nan("")), "unknown");
  EXPECT_EQ(CountText(1, "sample"), "1 sample");
  EXPECT_EQ(CountText(0, "sample"), "0 samples");
}

}  // namespace
}  // namespace aiops
