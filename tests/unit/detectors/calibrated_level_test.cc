// What the calibrated detector ranks by and whom it blames; neither decides about alerts.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "calibrated_machine.h"
#include "detectors/level.h"
#include "detectors/principal_space.h"
#include "detectors/random.h"

namespace aiops {
namespace {

Surprises Only(Part part, double surprise) {
  Surprises out{};
  out[static_cast<size_t>(part)] = surprise;
  return out;
}

TEST(Level, FollowsTheFormula) {
  const Level one = Level{}.Next(Only(Part::kSeason, 7), minutes(2));  // q = 7
  EXPECT_NEAR(one.rising, 3.5, 1e-12);
  EXPECT_NEAR(one.peak, 3.5, 1e-12);
  EXPECT_NEAR(one.lasting, 7 * (1 - std::exp(-0.04)), 1e-12);
  EXPECT_NEAR(one.Value(), std::sqrt((3.5 + one.lasting) / 2), 1e-12);
  const Level two = one.Next({}, minutes(2));
  EXPECT_NEAR(two.rising, 1.75, 1e-12);
  EXPECT_NEAR(two.peak, 3.5 * std::exp(-0.1), 1e-12);
  EXPECT_NEAR(two.lasting, one.lasting * std::exp(-0.04), 1e-12);
}

TEST(Level, HearsBurstsTwiceTheResidualOnceAndTheForestNotAtAll) {
  const double once = Level{}.Next(Only(Part::kShift, 3), minutes(1)).rising;
  EXPECT_NEAR(Level{}.Next(Only(Part::kResidual, 3), minutes(1)).rising, once, 1e-12);
  EXPECT_NEAR(Level{}.Next(Only(Part::kBurst, 3), minutes(1)).rising, 2 * once, 1e-12);
  EXPECT_EQ(Level{}.Next(Only(Part::kForest, 20), minutes(1)).rising, 0);
}

TEST(Level, WhatLastsRanksAboveWhatWasOverAtOnce) {
  Level once, lasts;
  once = once.Next(Only(Part::kShift, 6), minutes(1));
  for (int i = 0; i < 60; ++i) lasts = lasts.Next(Only(Part::kShift, 6), minutes(1));
  EXPECT_GT(lasts.Value(), 1.4 * once.Value());
  for (int i = 0; i < 30; ++i) {
    once = once.Next({}, minutes(1));
    lasts = lasts.Next({}, minutes(1));
  }
  EXPECT_GT(lasts.Value(), 2 * once.Value());
}

// Two metrics that go up and down by 3 together, and one that never moves.
PrincipalSpace Together() {
  std::vector<double> rows;
  for (int i = 0; i < 100; ++i) {
    const double v = i % 2 == 0 ? 3 : -3;
    rows.insert(rows.end(), {v + 1, v, 0});
  }
  rows[0] = kMissing;
  return PrincipalSpace({rows.data(), 100, 3});
}

TEST(PrincipalSpace, OnlyWhatTrainingDidNotShowIsUnexplained) {
  const PrincipalSpace space = Together();
  EXPECT_NEAR(space.Unexplained(std::vector<double>{7, 6, 0}), 0, 0.05);
  EXPECT_NEAR(space.Unexplained(std::vector<double>{4, -3, 0}), std::sqrt(2), 0.05);
  EXPECT_NEAR(space.Unexplained(std::vector<double>{1, 0, 5}), 5, 0.05);
  EXPECT_NEAR(space.Unexplained(std::vector<double>{1, 0, kMissing}), 0, 0.05);
}

TEST(PrincipalSpace, OfOneMetricItIsTheDistanceAndOfNoneZero) {
  const std::vector<double> rows{2, 2, 2};
  EXPECT_NEAR(PrincipalSpace({rows.data(), 3, 1}).Unexplained(std::vector<double>{6}), 4, 1e-9);
  EXPECT_EQ(PrincipalSpace().Unexplained({}), 0);
}

// The same rows twice have the same components, whichever of the two matrices they come from.
TEST(PrincipalSpace, FewerRowsThanMetricsSayTheSame) {
  constexpr size_t kRows = 20, kWidth = 30;
  std::vector<double> rows;
  Xoshiro256pp random(3);
  for (size_t i = 0; i < kRows; ++i) {
    const double common = 6 * random.Uniform() - 3;
    for (size_t j = 0; j < kWidth; ++j)
      rows.push_back(common * (j % 3 == 0 ? -1 : 1) + 2 * random.Uniform());
  }
  std::vector<double> twice = rows;
  twice.insert(twice.end(), rows.begin(), rows.end());
  const PrincipalSpace few({rows.data(), kRows, kWidth});
  const PrincipalSpace many({twice.data(), 2 * kRows, kWidth});
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<double> x;
    for (size_t j = 0; j < kWidth; ++j) x.push_back(10 * random.Uniform() - 5);
    EXPECT_NEAR(few.Unexplained(x), many.Unexplained(x), 1e-3);
  }
}

TEST(PrincipalSpace, ComesBackFromItsBytesAndRefusesOthers) {
  BlobWriter out(1);
  Together().Save(out);
  const std::string blob = out.Finish();
  auto in = BlobReader::Open(blob, 1, "space").value();
  const auto loaded = PrincipalSpace::Load(in, 3);
  ASSERT_TRUE(loaded);
  const std::vector<double> x{4, -3, 2};
  EXPECT_EQ(loaded->Unexplained(x), Together().Unexplained(x));
  auto again = BlobReader::Open(blob, 1, "space").value();
  EXPECT_EQ(PrincipalSpace::Load(again, 4).error().kind, ErrorKind::kCorruption);
}

TEST(CalibratedDetector, TheLevelHearsMetricsThatNoLongerMoveTogether) {
  const auto level_of = [](std::bitset<kPartCount> without) {
    auto options = CalibratedMachine::Options();
    options.calibrated.without = without;
    CalibratedMachine machine(1, options);
    machine.Train();
    auto row = machine.Next();
    row[0] *= 1.5;
    row[1] *= 0.6;
    return machine.Judge(row);
  };
  const Score with = level_of({});
  const Score without = level_of(1u << static_cast<size_t>(Part::kResidual));
  EXPECT_GT(with.level, without.level);
  EXPECT_EQ(with.score, without.score);
}

TEST(CalibratedDetector, WhoIsOftenFarOutIsBlamedLess) {
  CalibratedMachine machine;
  std::vector<double> rows;
  std::vector<Moment> moments;
  for (size_t i = 0; i < CalibratedMachine::kTraining; ++i) {
    auto row = machine.Next();
    if (i % 20 == 7) row[1] *= 1.6;
    rows.insert(rows.end(), row.begin(), row.end());
    moments.push_back(machine.at);
  }
  ASSERT_TRUE(machine.detector->Fit(
      {rows.data(), CalibratedMachine::kTraining, CalibratedMachine::kWidth}, moments));
  auto row = machine.Next();
  row[1] *= 1.6;
  row[2] *= 1.6;
  const Score score = machine.Judge(row);
  EXPECT_GT(score.features[2].contribution, 2 * score.features[1].contribution);
  EXPECT_GT(score.features[1].contribution, score.features[0].contribution);
}

}  // namespace
}  // namespace aiops
