// Quantiles against the sorted values.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "collect/nginx/quantile_sketch.h"

namespace aiops {
namespace {

using Values = std::vector<double>;

double Exact(Values values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(std::floor(q * static_cast<double>(values.size() - 1)))];
}

void ExpectAccurate(const QuantileSketch& sketch, const Values& values, double accuracy) {
  ASSERT_EQ(sketch.count(), values.size());
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0}) {
    const double truth = Exact(values, q);
    if (truth < QuantileSketch::kLowest) {
      EXPECT_EQ(sketch.Quantile(q), 0) << q;
    } else {
      EXPECT_NEAR(sketch.Quantile(q), truth, truth * accuracy * (1 + 1e-9)) << q;
    }
  }
}

// Times as logs have them, in milliseconds, and others.
std::vector<Values> Shapes() {
  std::mt19937 random(1);
  std::lognormal_distribution<double> usual(-3, 1);
  std::uniform_real_distribution<double> exponent(-4, 5);
  std::vector<Values> shapes(5);
  for (int i = 0; i < 20'000; ++i) {
    shapes[0].push_back(std::round(usual(random) * 1000) / 1000);
    shapes[1].push_back(std::pow(10.0, exponent(random)));
    shapes[2].push_back(i % 10 == 0 ? 60.0 : 0.002);
    shapes[3].push_back(0);
  }
  shapes[4] = {0.25};
  return shapes;
}

TEST(NginxQuantileSketch, IsWithinOnePerCentOfTheSortedValues) {
  for (const auto& values : Shapes()) {
    QuantileSketch sketch;
    for (const double value : values) sketch.Add(value);
    ExpectAccurate(sketch, values, 0.01);
    EXPECT_LE(sketch.bytes(), 2048u * 8);
  }
}

TEST(NginxQuantileSketch, MergesToWhatOneSketchWouldBe) {
  for (const auto& values : Shapes()) {
    QuantileSketch one;
    std::vector<QuantileSketch> parts(60);
    for (size_t i = 0; i < values.size(); ++i) {
      one.Add(values[i]);
      parts[i * i % 60].Add(values[i]);
    }
    QuantileSketch merged;
    for (const auto& part : parts) merged.Merge(part);
    EXPECT_EQ(merged.Encode(), one.Encode());
  }
}

TEST(NginxQuantileSketch, CoarsensToHalfTheBucketsAndTwiceTheError) {
  for (const auto& values : Shapes()) {
    QuantileSketch sketch;
    for (const double value : values) sketch.Add(value);
    double accuracy = 0.01;
    for (int level = 0; sketch.Coarsen(); ++level) {
      accuracy = 2 * accuracy / (1 + accuracy * accuracy);
      EXPECT_NEAR(sketch.accuracy(), accuracy, 1e-9);
      ExpectAccurate(sketch, values, accuracy);
      QuantileSketch late;  // what was coarsened before it was filled
      for (int i = 0; i <= level; ++i) late.Coarsen();
      for (const double value : values) late.Add(value);
      EXPECT_EQ(late.Encode(), sketch.Encode());
    }
    EXPECT_LE(sketch.bytes(), 18u * 8);
    QuantileSketch fine;
    fine.Add(1);
    fine.Merge(sketch);
    EXPECT_EQ(fine.count(), values.size() + 1);
    EXPECT_EQ(fine.accuracy(), sketch.accuracy());
  }
}

TEST(NginxQuantileSketch, LeavesOutWhatIsNoTimeAndBoundsTheRest) {
  QuantileSketch sketch;
  for (const double value : {-1.0, std::nan(""), -HUGE_VAL}) sketch.Add(value);
  EXPECT_EQ(sketch.count(), 0u);
  EXPECT_TRUE(std::isnan(sketch.Quantile(0.5)));
  EXPECT_EQ(sketch.Encode(), "");
  for (const double value : {1e-300, HUGE_VAL, 1e300, 1e5}) sketch.Add(value);
  EXPECT_EQ(sketch.Quantile(0), 0);
  EXPECT_NEAR(sketch.Quantile(1), 1e5, 1e3);
}

TEST(NginxQuantileSketch, ComesBackFromItsText) {
  for (const auto& values : Shapes()) {
    QuantileSketch sketch;
    for (const double value : values) sketch.Add(value);
    do {
      const auto back = QuantileSketch::Decode(sketch.Encode());
      ASSERT_TRUE(back);
      EXPECT_EQ(back->Encode(), sketch.Encode());
      EXPECT_EQ(back->count(), sketch.count());
      EXPECT_EQ(back->Quantile(0.95), sketch.Quantile(0.95));
      EXPECT_LE(back->bytes(), sketch.bytes());
    } while (sketch.Coarsen());
  }
}

TEST(NginxQuantileSketch, RefusesTextThatIsNone) {
  QuantileSketch sketch;
  for (const double value : {0.0, 0.001, 0.2, 0.2, 31.0}) sketch.Add(value);
  const std::string good = sketch.Encode();
  for (size_t cut = 1; cut < good.size(); ++cut)
    (void)QuantileSketch::Decode(good.substr(0, cut));  // may be a shorter number
  for (size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string bad = good;
      bad[at] = static_cast<char>(byte);
      (void)QuantileSketch::Decode(bad);
    }
  }
  for (const char* bad :
       {",", "0", "0,", "0,1,", "7,0", "-1,0", "0,0,5", "0,0,5,0", "0,0,5,1,5,1", "0,0,9,1,5,1",
        "0,0,-500,1", "0,0,600,1", "0,0,5,99999999999", "0,0,5,1 ", "0,-1", "x"}) {
    EXPECT_FALSE(QuantileSketch::Decode(bad)) << bad;
  }
}

TEST(NginxQuantileSketch, SaturatesInsteadOfOverflowing) {
  auto full = QuantileSketch::Decode("0,4294967295,5,4294967295");
  ASSERT_TRUE(full);
  const auto copy = *full;
  full->Merge(copy);
  full->Add(0);
  full->Coarsen();
  EXPECT_EQ(full->count(), 2 * 4294967295ull);
}

}  // namespace
}  // namespace aiops
