#include "detectors/ewma.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "detectors/random.h"

namespace aiops {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

Ewma One(FeatureRule rule = {}, EwmaOptions options = {}) { return Ewma(options, {rule}); }

FeatureScore Judge(const Ewma& ewma, double x) { return ewma.Judge({&x, 1})[0]; }
void Learn(Ewma& ewma, double x) { ewma.Learn({&x, 1}); }

// Twenty samples around 100: mean 100, standard deviation 2.
Ewma Warm(FeatureRule rule = {}) {
  Ewma ewma = One(rule);
  for (int i = 0; i < 20; ++i) Learn(ewma, i % 2 == 0 ? 98 : 102);
  return ewma;
}

TEST(Ewma, SaysNothingUntilWarm) {
  Ewma ewma = One();
  for (int i = 0; i < 19; ++i) Learn(ewma, i % 2);
  const FeatureScore cold = Judge(ewma, 1e9);
  EXPECT_TRUE(IsMissing(cold.expected));
  EXPECT_EQ(cold.z, 0);
  EXPECT_FALSE(cold.anomalous);
  Learn(ewma, 1);
  EXPECT_TRUE(Judge(ewma, 1e9).anomalous);
}

TEST(Ewma, WarmUpIsTheExactMeanAndDeviation) {
  const FeatureScore score = Judge(Warm(), 101);
  EXPECT_NEAR(score.expected, 100, 1e-9);
  EXPECT_NEAR(score.z, 0.5, 1e-9);
  EXPECT_NEAR(score.lower, 94, 1e-9);
  EXPECT_NEAR(score.upper, 106, 1e-9);
}

TEST(Ewma, FollowsTheRecurrenceOnceWarm) {
  Ewma ewma = Warm();
  Learn(ewma, 103);
  const FeatureScore score = Judge(ewma, 0);
  EXPECT_NEAR(score.expected, 100 + 0.2 * 3, 1e-9);
  const double variance = 0.8 * (4 + 0.2 * 9);
  EXPECT_NEAR(score.upper - score.expected, 3 * std::sqrt(variance), 1e-9);
}

TEST(Ewma, JudgesBeforeItLearns) {
  Ewma ewma = Warm();
  const FeatureScore before = Judge(ewma, 120);
  EXPECT_NEAR(before.z, 10, 1e-9);
  Learn(ewma, 120);
  EXPECT_LT(Judge(ewma, 120).z, before.z);
}

TEST(Ewma, AnomalyEntersTheBaselineOnlyClipped) {
  Ewma far = Warm();
  Ewma farther = Warm();
  Learn(far, 106);  // exactly three standard deviations
  Learn(farther, 1e12);
  EXPECT_DOUBLE_EQ(Judge(far, 0).expected, Judge(farther, 0).expected);
  EXPECT_DOUBLE_EQ(Judge(far, 0).upper, Judge(farther, 0).upper);
}

TEST(Ewma, DirectionSilencesTheHarmlessSide) {
  const Ewma up = Warm({Direction::kUp, 0});
  EXPECT_TRUE(Judge(up, 120).anomalous);
  EXPECT_FALSE(Judge(up, 80).anomalous);
  EXPECT_EQ(Judge(up, 80).gate, Gate::kDirection);
  EXPECT_EQ(Judge(up, 80).contribution, 0);
  const Ewma down = Warm({Direction::kDown, 0});
  EXPECT_FALSE(Judge(down, 120).anomalous);
  EXPECT_TRUE(Judge(down, 80).anomalous);
  EXPECT_EQ(Judge(down, 80).gate, Gate::kNone);
}

TEST(Ewma, SmallDeviationsNeverCount) {
  FeatureRule relative;
  relative.min_relative_deviation = 0.15;
  EXPECT_EQ(Judge(Warm(relative), 114).gate, Gate::kMinDeviation);
  EXPECT_TRUE(Judge(Warm(relative), 120).anomalous);
  const Ewma ewma = Warm({Direction::kBoth, 15});
  EXPECT_FALSE(Judge(ewma, 114).anomalous);
  EXPECT_EQ(Judge(ewma, 114).gate, Gate::kMinDeviation);
  EXPECT_LT(Judge(ewma, 114).contribution, 1);
  EXPECT_TRUE(Judge(ewma, 116).anomalous);
  EXPECT_EQ(Judge(ewma, 101).gate, Gate::kNone);
}

TEST(Ewma, MissingIsNeitherJudgedNorLearned) {
  Ewma ewma = Warm();
  for (const double missing : {kMissing, kInf, -kInf}) {
    const FeatureScore score = Judge(ewma, missing);
    EXPECT_FALSE(score.anomalous);
    EXPECT_TRUE(IsMissing(score.value));
    EXPECT_EQ(score.z, 0);
    Learn(ewma, missing);
  }
  EXPECT_NEAR(Judge(ewma, 0).expected, 100, 1e-9);
  EXPECT_EQ(ewma.samples(0), 20u);
}

TEST(Ewma, ConstantSeriesToleratesItsFloorOnly) {
  Ewma ewma = One();
  for (int i = 0; i < 100; ++i) Learn(ewma, 50);
  EXPECT_FALSE(Judge(ewma, 50).anomalous);
  EXPECT_FALSE(Judge(ewma, 52.9).anomalous);  // 3 sigma of 2 %
  EXPECT_TRUE(Judge(ewma, 53.1).anomalous);
}

TEST(Ewma, JumpOutOfAConstantSeriesIsFlaggedAndThenFollowed) {
  Ewma ewma = One();
  for (int i = 0; i < 100; ++i) Learn(ewma, 0);
  int flagged = 0;
  while (Judge(ewma, 5).anomalous && flagged < 1000) {
    Learn(ewma, 5);
    ++flagged;
  }
  EXPECT_GE(flagged, 5);
  EXPECT_LE(flagged, 50);
  for (int i = 0; i < 60; ++i) Learn(ewma, 5);
  EXPECT_NEAR(Judge(ewma, 5).expected, 5, 0.05);
  EXPECT_TRUE(Judge(ewma, 0).anomalous);  // and the way back is a jump again
}

// The time constant that docs/ewma.md states: a shift of D standard deviations alerts for about
// ln(D) / ln(1.5) samples.
TEST(Ewma, LevelShiftIsFollowedInLogarithmicTime) {
  for (const double shift : {10.0, 100.0, 1000.0}) {
    Ewma ewma = Warm();
    int flagged = 0;
    while (Judge(ewma, 100 + 2 * shift).anomalous && flagged < 1000) {
      Learn(ewma, 100 + 2 * shift);
      ++flagged;
    }
    EXPECT_GE(flagged, 2) << shift;
    EXPECT_LE(flagged, std::log(shift) / std::log(1.5) + 1) << shift;
  }
}

// docs/ewma.md: a ramp that is under way stays 1 / sqrt(1 - lambda) deviations away, however steep.
TEST(Ewma, ASteadyRampIsFollowedSilently) {
  Ewma ewma = Warm();
  double x = 100;
  for (int i = 0; i < 200; ++i) Learn(ewma, x += 50);
  EXPECT_NEAR(Judge(ewma, x + 50).z, 1 / std::sqrt(0.8), 0.01);
}

TEST(Ewma, HostileValuesNeverGiveNaN) {
  const std::vector<double> hostile{
      1e308, -1e308, 5e-324, -5e-324,  0,
      1,     kInf,   -kInf,  kMissing, std::numeric_limits<double>::max(),
      1e154, 1e-200};
  Xoshiro256pp random(7);
  Ewma ewma({.floor_relative = 0, .floor_absolute = 0}, {FeatureRule{}});
  for (int i = 0; i < 20000; ++i) {
    const double x = hostile[random.Below(static_cast<std::uint32_t>(hostile.size()))];
    const FeatureScore score = Judge(ewma, x);
    EXPECT_TRUE(std::isfinite(score.z) && std::isfinite(score.contribution));
    if (ewma.samples(0) >= 20) {
      EXPECT_TRUE(std::isfinite(score.expected) && std::isfinite(score.lower) &&
                  std::isfinite(score.upper));
    }
    Learn(ewma, x);
  }
}

TEST(Ewma, SoftenedEvidenceRisesAndCrossesOneAtOne) {
  EXPECT_EQ(SoftenEvidence(0.5), 0.5);
  EXPECT_EQ(SoftenEvidence(1), 1);
  EXPECT_GT(SoftenEvidence(std::nextafter(1.0, 2.0)), 0.9999999999);
  EXPECT_LT(SoftenEvidence(std::nextafter(1.0, 0.0)), 1);
  EXPECT_LT(SoftenEvidence(10), SoftenEvidence(11));
}

}  // namespace
}  // namespace aiops
