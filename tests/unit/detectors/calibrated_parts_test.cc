// The pieces of the calibrated score, each by itself.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "detectors/change_burst.h"
#include "detectors/gate_history.h"
#include "detectors/guarded_ewma.h"
#include "detectors/joint_score.h"
#include "detectors/random.h"
#include "detectors/run_budget.h"
#include "detectors/season_profile.h"
#include "detectors/standard_units.h"
#include "detectors/tail.h"
#include "detectors/week_profile.h"
#include "model/sample.h"

namespace aiops {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// n values of an exponential distribution at equal steps of probability.
std::vector<double> Exponential(size_t n, double scale) {
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i)
    values.push_back(-scale * std::log((static_cast<double>(i) + 0.5) / static_cast<double>(n)));
  return values;
}

TEST(GuardedEwma, FollowsTheFormula) {
  EwmaMemory memory{10, 4};
  EXPECT_DOUBLE_EQ(GuardedEwma::Z(memory, 16), 3);
  GuardedEwma{.lambda = 0.5, .guard = 3}.Learn(memory, 12);
  EXPECT_FLOAT_EQ(memory.mean, 11);
  EXPECT_FLOAT_EQ(memory.variance, 0.5f * (4 + 0.5f * 4));
}

TEST(GuardedEwma, NoSampleMovesItFurtherThanTheGuard) {
  EwmaMemory memory{0, 0};  // the spread is never believed to be below 1
  GuardedEwma{.lambda = 0.2, .guard = 3}.Learn(memory, 1e9);
  EXPECT_FLOAT_EQ(memory.mean, 0.6f);
  EXPECT_FLOAT_EQ(memory.variance, 0.8f * 0.2f * 9);
}

TEST(StandardUnits, FloorIsTheGreatestOfItsFour) {
  EXPECT_NEAR(StandardUnits::Of(std::vector<double>{0, 100}, 1e-6).floor, 5, 1e-9);  // 10 % of std
  EXPECT_DOUBLE_EQ(StandardUnits::Of(std::vector<double>{5000, 5000}, 1e-6).floor, 5);
  EXPECT_DOUBLE_EQ(StandardUnits::Of(std::vector<double>{0, 0, kMissing}, 1e-6).floor, 1e-6);
  std::vector<double> spike(1000, 0);
  spike[3] = 1;
  EXPECT_NEAR(StandardUnits::Of(spike, 1e-6).floor, 0.02, 1e-9);  // 2 % of the range
}

TEST(StandardUnits, WhatWasNeverSeenIsNotOddWhenItComes) {
  const auto units = StandardUnits::Of(std::vector<double>{kMissing, kMissing}, 1e-6);
  EXPECT_LT(std::abs(units.From(1e12)), 1e-9);
}

TEST(StandardUnits, EveryFiniteValueHasFiniteUnits) {
  for (const auto& column :
       std::vector<std::vector<double>>{{-1e308, 1e308}, {5e-324, 0}, {kInf, kMissing}, {1e308}}) {
    const auto units = StandardUnits::Of(column, 0);
    EXPECT_GT(units.floor, 0);
    for (const double x : {0.0, 1e308, -1e308, 5e-324, 1.0})
      EXPECT_TRUE(InUnits(units.From(x))) << column[0] << " " << x;
  }
}

TEST(SeasonProfile, SpeaksFromTheEighthVisitOn) {
  SeasonProfile profile;
  const size_t slot = SeasonProfile::SlotOf(hours(3) + minutes(20));
  EXPECT_EQ(slot, 13u);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(profile.Z(slot, 100), 0) << i;
    profile.Learn(slot, i % 2 == 0 ? 40 : 60);
  }
  EXPECT_GT(profile.Z(slot, 100), 2);
  EXPECT_LT(profile.Z(slot, 0), -2);
  EXPECT_EQ(profile.Z(slot + 1, 100), 0);
}

TEST(SeasonProfile, AnyTimeHasASlot) {
  EXPECT_EQ(SeasonProfile::SlotOf(hours(24)), 0u);
  EXPECT_EQ(SeasonProfile::SlotOf(Duration(-1)), 95u);
  EXPECT_EQ(SeasonProfile::SlotOf(hours(24) - Duration(1)), 95u);
}

// A visit of each of the week's blocks; `error` at the one that is told.
void VisitAll(WeekProfile& profile, size_t told, double error) {
  for (size_t block = 0; block < WeekProfile::kBlocks; ++block)
    for (int i = 0; i < 16; ++i) profile.Learn(block, block == told ? error : 0);
}

TEST(WeekProfile, SaysWhatTwoWeeksAgreeAbout) {
  WeekProfile profile;
  const size_t sunday = WeekProfile::BlockOf(hours(6 * 24 + 5));
  EXPECT_EQ(sunday, 37u);
  VisitAll(profile, sunday, -6);
  EXPECT_EQ(profile.Offset(sunday), 0);
  VisitAll(profile, sunday, -4);
  EXPECT_FLOAT_EQ(static_cast<float>(profile.Offset(sunday)), -4);
  VisitAll(profile, sunday, 9);  // one that was odd
  EXPECT_EQ(profile.Offset(sunday), 0);
  EXPECT_EQ(profile.Offset(sunday - 1), 0);
}

TEST(WeekProfile, TwoSamplesAreNoVisit) {
  WeekProfile profile;
  for (int week = 0; week < 3; ++week)
    for (const size_t block : {1u, 1u, 2u, 2u, 2u}) profile.Learn(block, 5);
  EXPECT_EQ(profile.Offset(1), 0);
  EXPECT_EQ(profile.Offset(2), 5);
}

TEST(WeekProfile, AnyTimeHasABlock) {
  for (const Duration time : {Duration::min(), Duration(-1), Duration::max(), Duration(hours(168))})
    EXPECT_LT(WeekProfile::BlockOf(time), WeekProfile::kBlocks);
  EXPECT_EQ(WeekProfile::BlockOf(hours(168) - Duration(1)), WeekProfile::kBlocks - 1);
  EXPECT_EQ(WeekProfile::BlockOf(hours(168)), 0u);
}

TEST(ChangeBurst, SeesMovementThatLastsAndNotNoise) {
  ChangeBurst noise, ramp;
  for (int i = 0; i < 30; ++i) {
    noise.Learn(i % 2 == 0 ? 1 : -1);
    ramp.Learn(1);
  }
  EXPECT_NEAR(ramp.Peek(1), 1, 1e-6);
  EXPECT_LT(noise.Peek(1), 0.4);
}

TEST(Tail, FindsTheScaleOfAnExponential) {
  const Tail tail = TailOf(Exponential(100'000, 2));
  EXPECT_NEAR(tail.from, -2 * std::log(0.02), 0.02);
  EXPECT_NEAR(tail.median, 2 * std::log(2.0), 0.02);
  EXPECT_NEAR(tail.At(3), -2 * std::log(0.02 / 8), 0.05);  // three halvings
}

TEST(Tail, AnIncidentInTrainingDoesNotRaiseIt) {
  auto values = Exponential(10'000, 2);
  const double clean = TailOf(values).At(3);
  for (size_t i = 0; i < 30; ++i) values[i] = 1e6;  // of the 200 beyond the 98 %
  EXPECT_NEAR(TailOf(values).At(3), clean, 0.5);
}

TEST(SurpriseTable, IsMinusLogOfTheShareThatWasAsHigh) {
  const SurpriseTable table(Exponential(100'000, 1));
  EXPECT_NEAR(table.Surprise(std::log(2.0)), std::log(2.0), 0.05);
  EXPECT_NEAR(table.Surprise(-1), 0, 1e-9);
  EXPECT_NEAR(table.Surprise(8), 8, 0.1);  // beyond all but 30 of them
  EXPECT_EQ(table.Surprise(1e300), kMostSurprise);
  double before = 0;
  for (double v = 0; v < 30; v += 0.01) {
    EXPECT_GE(table.Surprise(v), before - 1e-12);
    before = table.Surprise(v);
  }
}

TEST(SurpriseTable, IsSilentAboutWhatWasSilentInTraining) {
  std::vector<double> mostly(100, 0);
  for (size_t i = 0; i < 49; ++i) mostly[i] = 5;
  EXPECT_TRUE(SurpriseTable(mostly).silent());
  EXPECT_EQ(SurpriseTable(mostly).Surprise(1e9), 0);
  for (size_t i = 0; i < 52; ++i) mostly[i] = 5;
  EXPECT_FALSE(SurpriseTable(mostly).silent());
}

TEST(GateHistory, ReadsTheThresholdFromItsBins) {
  GateHistory history;
  EXPECT_EQ(history.Threshold(3), 0);
  const auto values = Exponential(7000, 1);
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % 1000 == 0) history.NextDay();
    history.Add(values[i]);
  }
  EXPECT_NEAR(history.Threshold(2.75), TailOf(values).At(2.75), 0.4);
}

TEST(GateHistory, ForgetsAfterSevenDays) {
  GateHistory history;
  for (int i = 0; i < 1000; ++i) history.Add(15);
  for (int day = 0; day < 7; ++day) {
    EXPECT_GT(history.Threshold(0), 10) << day;
    history.NextDay();
    for (int i = 0; i < 10; ++i) history.Add(1);
  }
  EXPECT_LT(history.Threshold(0), 2);
}

constexpr RunRule kRule{1, 0.04, hours(24)};

TEST(RunBudget, EachBeginningRaisesTheBarAndADayForgetsMostOfIt) {
  RunBudget budget;
  Time now{};
  EXPECT_EQ(budget.Bar(now, kRule), 1);
  for (int run = 0; run < 3; ++run) {
    budget.Learn(now, 2, kRule);
    EXPECT_EQ(budget.Bar(now, kRule), 1) << "within a run";
    for (int i = 0; i < 11; ++i) budget.Learn(now, 0.5, kRule);
    EXPECT_NEAR(budget.Bar(now, kRule), 1 + 0.04 * (run + 1), 1e-12);
  }
  EXPECT_NEAR(budget.Bar(now + hours(24), kRule), 1 + 0.12 * std::exp(-1), 1e-12);
  EXPECT_NEAR(budget.Bar(now - hours(1000), kRule), 1.12, 1e-12);  // a clock that was set back
}

TEST(RunBudget, APauseOfTenBelongsToTheRun) {
  RunBudget budget;
  budget.Learn({}, 2, kRule);
  for (int i = 0; i < 10; ++i) budget.Learn({}, 0, kRule);
  EXPECT_EQ(budget.Bar({}, kRule), 1);
  budget.Learn({}, 0, kRule);
  EXPECT_NEAR(budget.Bar({}, kRule), 1.04, 1e-12);
}

TEST(TailExcesses, AsksForMoreAfterAShortWindowAndWhereSamplesAreMany) {
  EXPECT_NEAR(TailExcesses(minutes(1), 10'080), 3, 1e-9);
  EXPECT_NEAR(TailExcesses(minutes(1), 100'000), 3, 1e-9);
  EXPECT_NEAR(TailExcesses(minutes(1), 5'040), 3 + 1.75, 1e-9);
  EXPECT_NEAR(TailExcesses(minutes(2), 5'040), 3 - 0.15, 1e-9);
}

}  // namespace
}  // namespace aiops
