#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "calibrated_machine.h"
#include "model/sample.h"

namespace aiops {
namespace {

bool Alerts(const Score& score) { return score.verdict >= Verdict::kWarning; }

TEST(CalibratedDetector, WithoutAModelItJudgesAsEwmaDoes) {
  CalibratedMachine machine;
  const auto plain = MakeHybridDetector(CalibratedMachine::Options());
  for (int i = 0; i < 100; ++i) {
    auto row = machine.Next();
    if (i == 90) row[0] = row[1] = 1e5;
    const Score expected = plain->Judge(row, machine.at);
    plain->Learn(row, machine.at, expected, 0);
    const Score score = machine.Step(row);
    EXPECT_EQ(score.verdict, expected.verdict) << i;
    EXPECT_EQ(score.gate, expected.gate) << i;
    if (i == 90) {
      EXPECT_EQ(score.verdict, Verdict::kWarning);
    }
  }
}

TEST(CalibratedDetector, IsQuietOnOrdinaryDays) {
  CalibratedMachine machine;
  machine.Train();
  int runs = 0;
  bool before = false;
  for (int i = 0; i < 14 * 288; ++i) {
    const Score score = machine.Step(machine.Next());
    ASSERT_NE(score.verdict, Verdict::kCritical);
    runs += Alerts(score) && !before ? 1 : 0;
    before = Alerts(score);
  }
  EXPECT_LE(runs, 28);  // in two weeks; EWMA alone has more than three hundred
}

TEST(CalibratedDetector, SeesAnIncidentAndSaysWhoIsResponsible) {
  CalibratedMachine machine;
  machine.Train();
  for (int i = 0; i < 288; ++i) machine.Step(machine.Next());
  auto row = machine.Next();
  row[2] *= 2;
  row[4] *= 2;
  const Score score = machine.Judge(row);
  EXPECT_TRUE(Alerts(score));
  EXPECT_GT(score.score, 1);
  EXPECT_GE(score.ewma_anomalies, 2);
  for (const size_t j : {0u, 1u, 3u, 5u})
    for (const size_t guilty : {2u, 4u})
      EXPECT_GT(score.features[guilty].contribution, 2 * score.features[j].contribution) << j;
}

TEST(CalibratedDetector, TheScoreIsAboveOneExactlyWhenItAlerts) {
  CalibratedMachine machine;
  machine.Train();
  int held = 0;
  for (int i = 0; i < 3000; ++i) {
    auto row = machine.Next();
    if (i % 14 == 0)
      for (double& v : row) v *= 1.04 + 0.0001 * (i % 700);
    const Score score = machine.Step(row);
    ASSERT_EQ(score.score > 1, Alerts(score)) << i;
    held += score.gate == Gate::kRunBudget ? 1 : 0;
  }
  EXPECT_GT(held, 0);
}

TEST(CalibratedDetector, HarmlessDirectionsAndSmallDeviationsAreNotBreadthOrDepth) {
  const auto part_of = [](FeatureRule rule, double factor) {
    auto options = CalibratedMachine::Options();
    options.features.assign(CalibratedMachine::kWidth, rule);
    options.calibrated.without.set(static_cast<size_t>(Part::kForest));
    CalibratedMachine machine(1, options);
    machine.Train();
    auto row = machine.Next();
    for (double& v : row) v *= factor;
    return machine.Judge(row);
  };
  EXPECT_TRUE(Alerts(part_of({}, 0.3)));
  EXPECT_FALSE(Alerts(part_of({Direction::kUp, 0}, 0.3)));
  EXPECT_TRUE(Alerts(part_of({Direction::kUp, 0}, 3)));
  EXPECT_FALSE(Alerts(part_of({Direction::kBoth, 1e6}, 3)));
  FeatureRule relative;
  relative.min_relative_deviation = 2.5;
  EXPECT_FALSE(Alerts(part_of(relative, 3)));  // two above one
  EXPECT_TRUE(Alerts(part_of(relative, 6)));
}

TEST(CalibratedDetector, WhatIsMissingIsLeftOutAndTooLittleIsUnknown) {
  CalibratedMachine machine;
  machine.Train();
  for (int i = 0; i < 100; ++i) {
    auto row = machine.Next();
    row[static_cast<size_t>(i) % 6] = kMissing;
    row[static_cast<size_t>(i + 1) % 6] = std::numeric_limits<double>::infinity();
    const Score score = machine.Step(row);
    EXPECT_LT(score.score, 1.5) << i;
    EXPECT_EQ(score.features[static_cast<size_t>(i) % 6].contribution, 0);
  }
  auto row = machine.Next();
  for (size_t j = 0; j < 4; ++j) row[j] = kMissing;
  EXPECT_EQ(machine.Step(row).gate, Gate::kCoverage);
  EXPECT_EQ(machine.Step(row).verdict, Verdict::kUnknown);
}

TEST(CalibratedDetector, NoNumberMakesItSayNonsense) {
  CalibratedMachine machine;
  machine.Train();
  const double odd[] = {1e308, -1e308, 5e-324, 0, 1e-300, 3};
  for (int i = 0; i < 500; ++i) {
    auto row = machine.Next();
    row[static_cast<size_t>(i) % 6] = odd[i / 6 % 6];
    const Score score = machine.Step(row);
    ASSERT_TRUE(std::isfinite(score.score) && std::isfinite(score.level)) << i;
    for (const auto& f : score.features) ASSERT_TRUE(std::isfinite(f.contribution)) << i;
  }
}

TEST(CalibratedDetector, TooFewOrOnlyConstantRowsMakeNoModel) {
  CalibratedMachine machine;
  const std::vector<double> constant(100 * CalibratedMachine::kWidth, 5);
  const std::vector<Moment> moments(100);
  const auto few = machine.detector->Fit({constant.data(), 20, 6}, std::span(moments).first(20));
  EXPECT_EQ(few.error().kind, ErrorKind::kInvalidArgument);
  const auto same = machine.detector->Fit({constant.data(), 100, 6}, moments);
  EXPECT_EQ(same.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(machine.detector->model().present);
}

TEST(CalibratedDetector, LearnsNoBaselineFromWhatIsFlagged) {
  CalibratedMachine learns, flagged;
  learns.Train();
  flagged.Train();
  for (int i = 0; i < 200; ++i) {
    auto row = learns.Next();
    flagged.Next();
    for (double& v : row) v *= 3;
    learns.Step(row);
    flagged.Step(row, kMaintenance);
  }
  auto row = learns.Next();
  flagged.Next();
  for (double& v : row) v *= 3;
  EXPECT_GT(flagged.Judge(row).score, 1.2 * learns.Judge(row).score);
}

TEST(CalibratedDetector, OneFeatureThatVariesHasNoBreadth) {
  const auto sum_without = [](std::bitset<kPartCount> without, size_t varying) {
    auto options = CalibratedMachine::Options();
    options.calibrated.without = without;
    CalibratedMachine machine(1, options);
    const auto next = [&] {
      auto row = machine.Next();
      std::fill(row.begin() + static_cast<std::ptrdiff_t>(varying), row.end(), 5);
      return row;
    };
    std::vector<double> rows;
    std::vector<Moment> moments;
    for (int i = 0; i < 600; ++i) {
      const auto row = next();
      rows.insert(rows.end(), row.begin(), row.end());
      moments.push_back(machine.at);
    }
    EXPECT_TRUE(machine.detector->Fit({rows.data(), 600, CalibratedMachine::kWidth}, moments));
    double sum = 0;
    for (int i = 0; i < 100; ++i) sum += machine.Step(next()).score;
    return sum;
  };
  const std::bitset<kPartCount> breadth(1u << static_cast<size_t>(Part::kBreadth));
  EXPECT_EQ(sum_without(breadth, 1), sum_without({}, 1));
  EXPECT_NE(sum_without(breadth, 2), sum_without({}, 2));
}

TEST(CalibratedDetector, PartsCanBeSwitchedOff) {
  const auto sum_without = [](std::bitset<kPartCount> without) {
    auto options = CalibratedMachine::Options();
    options.calibrated.without = without;
    CalibratedMachine machine(1, options);
    machine.Train();
    double sum = 0;
    for (int i = 0; i < 3500; ++i) {
      auto row = machine.Next();
      if (i % 50 < 2)
        for (double& v : row) v *= 1.2;
      const Score score = machine.Step(row);
      sum += score.score + score.level;
    }
    return sum;
  };
  const double all = sum_without({});  // twelve days: long enough for a weekday to come again
  for (size_t part = 0; part < static_cast<size_t>(Part::kLone); ++part)
    EXPECT_NE(sum_without(std::bitset<kPartCount>(1u << part)), all) << part;
}

// A nightly job that moves half of the features sets the scale of what they say together.
int AlertsBesideANightlyJob(bool lone) {
  constexpr int kDay = 1440;
  auto options = CalibratedMachine::Options();
  options.calibrated.without.set(static_cast<size_t>(Part::kLone), !lone);
  CalibratedMachine machine(1, options);
  const auto job = [](int minute, std::vector<double> row) {
    for (size_t j = 0; minute % kDay < 30 && j < row.size() / 2; ++j) row[j] *= 6;
    return row;
  };
  std::vector<double> rows;
  std::vector<Moment> moments;
  for (int i = 0; i < 10 * kDay; ++i) {
    const auto row = job(i, machine.Next());
    rows.insert(rows.end(), row.begin(), row.end());
    moments.push_back(machine.at);
  }
  EXPECT_TRUE(
      machine.detector->Fit({rows.data(), moments.size(), CalibratedMachine::kWidth}, moments));
  int alerts = 0;
  for (int i = 0; i < kDay; ++i) {
    auto row = job(i, machine.Next());
    if (i >= kDay / 2 && i < kDay / 2 + 60) row.back() *= 6;
    const Score score = machine.Step(row);
    if (i < kDay / 2 || i >= kDay / 2 + 60) continue;
    alerts += score.verdict == Verdict::kWarning ? 1 : 0;
    EXPECT_NE(score.verdict, Verdict::kCritical);
  }
  return alerts;
}

TEST(CalibratedDetector, OneFeatureThatStaysFarOutIsHeardBesideANightlyJob) {
  const int with = AlertsBesideANightlyJob(true), without = AlertsBesideANightlyJob(false);
  EXPECT_GT(with, 30);
  EXPECT_LT(without, 15);
}

TEST(CalibratedDetector, GainMovesTheThresholdAndNothingElse) {
  CalibratedMachine normal;
  normal.Train();
  auto options = CalibratedMachine::Options();
  options.calibrated.gain = 1.25;
  const auto keen = MakeCalibratedDetector(options);
  ASSERT_TRUE(keen->RestoreModel(normal.detector->SnapshotModel()));
  const auto row = normal.Next();
  const Score calm = normal.Judge(row), early = keen->Judge(row, normal.at);
  EXPECT_NEAR(early.score, 1.25 * calm.score, 1e-9);
  EXPECT_EQ(early.level, calm.level);
}

}  // namespace
}  // namespace aiops
