// What a person expects at a time of day: by itself, and a nightly job on a whole machine.
#include "detectors/expected_hours.h"

#include <gtest/gtest.h>

#include "calibrated_machine.h"

namespace aiops {
namespace {

// Minutes since a Monday, in a zone nine hours east of UTC.
Moment After(std::int64_t elapsed) {
  const Time monday = FromUnixMillis(1'704'034'800'000);  // 2024-01-01T00:00+09:00
  return {monday + minutes(elapsed), Duration(minutes(elapsed)) % Duration(hours(7 * 24))};
}
constexpr std::int64_t kDay = 24 * 60;
constexpr std::int64_t kThree = 3 * 60;  // o'clock

ExpectedHours MarkedAtThree(double v) {
  ExpectedHours expected;
  expected.Learn(After(kThree), v);
  expected.Mark(After(kThree), true, v);
  return expected;
}

TEST(ExpectedHours, WhatWasMarkedIsExpectedAtThatTimeForAWeek) {
  const ExpectedHours expected = MarkedAtThree(4);
  const auto bar = [&](std::int64_t at) { return expected.Bar(After(at)); };
  EXPECT_EQ(bar(kThree), 0);  // today is no repetition
  EXPECT_EQ(bar(kDay + kThree), 6);
  EXPECT_EQ(bar(kDay + kThree + 20), 6);
  EXPECT_EQ(bar(kDay + kThree - 10), 6);
  EXPECT_EQ(bar(kDay + kThree + 40), 6);
  EXPECT_EQ(bar(kDay + kThree + 50), 0);
  EXPECT_EQ(bar(kDay + kThree - 20), 0);
  EXPECT_EQ(bar(7 * kDay + kThree), 6);
  EXPECT_EQ(bar(8 * kDay + kThree), 0);
  EXPECT_EQ(bar(14 * kDay + kThree), 6);  // Mondays
  EXPECT_EQ(bar(28 * kDay + kThree), 6);
  EXPECT_EQ(bar(35 * kDay + kThree), 0);
}

TEST(ExpectedHours, WithoutAMarkNothingIs) {
  ExpectedHours expected;
  for (int day = 0; day < 5; ++day) expected.Learn(After(day * kDay + kThree), 4);
  EXPECT_EQ(expected.Bar(After(5 * kDay + kThree)), 0);
  expected.Mark(After(kThree), true, 2);
  EXPECT_EQ(expected.Bar(After(5 * kDay + kThree)), 6);
  expected.Mark(After(kThree), false, 0);
  EXPECT_EQ(expected.Bar(After(5 * kDay + kThree)), 0);
}

TEST(ExpectedHours, AStrongerOneRaisesTheBarOfTomorrowOnly) {
  ExpectedHours expected = MarkedAtThree(2);
  expected.Learn(After(kDay + kThree), 5);
  EXPECT_EQ(expected.Bar(After(kDay + kThree + 5)), 3);
  EXPECT_EQ(expected.Bar(After(2 * kDay + kThree)), 7.5);
}

TEST(ExpectedHours, TheBarFollowsWhatBecomesWeaker) {
  ExpectedHours expected = MarkedAtThree(8);
  for (int day = 1; day <= 20; ++day) expected.Learn(After(day * kDay + kThree), 2);
  EXPECT_EQ(expected.Bar(After(21 * kDay + kThree)), 3);
}

TEST(ExpectedHours, AMarkOfAnEarlierDayNeedsNoMemoryOfIt) {
  ExpectedHours expected;
  expected.Learn(After(2 * kDay), 0.5);
  for (int again = 0; again < 2; ++again) expected.Mark(After(kThree), true, 4);
  EXPECT_EQ(expected.Bar(After(2 * kDay + kThree)), 6);
  EXPECT_EQ(expected.Bar(After(8 * kDay + kThree)), 0);
}

TEST(ExpectedHours, AMarkIsForgottenWhenNothingComes) {
  ExpectedHours expected = MarkedAtThree(2);
  for (int day = 1; day < 40; ++day) expected.Learn(After(day * kDay + kThree), 0.5);
  expected.Learn(After(40 * kDay + kThree), 4);
  EXPECT_EQ(expected.Bar(After(41 * kDay + kThree)), 0);
}

TEST(ExpectedHours, SurvivesASnapshotAndRefusesNonsense) {
  const ExpectedHours expected = MarkedAtThree(5);
  BlobWriter out(1);
  expected.Save(out);
  const std::string blob = out.Finish();
  ExpectedHours loaded;
  auto in = BlobReader::Open(blob, 1, "it");
  ASSERT_TRUE(in && loaded.Load(*in));
  EXPECT_EQ(in->left(), 0u);
  EXPECT_EQ(loaded.Bar(After(kDay + kThree)), 7.5);
  BlobWriter wrong(1);
  wrong.U64(0);
  for (int slot = 0; slot < 96; ++slot) wrong.U32(0), wrong.U16(0), wrong.U16(2);
  const std::string nonsense = wrong.Finish();
  auto bad = BlobReader::Open(nonsense, 1, "it");
  ASSERT_TRUE(bad);
  EXPECT_FALSE(loaded.Load(*bad));
}

// Samples of a job of twenty minutes at three that alert, a night; `mark` is called in the first.
template <class Mark>
std::vector<int> NightsOfAJob(Mark mark) {
  constexpr int kNights = 5;
  CalibratedMachine machine;
  machine.Train();
  std::vector<int> alerts(kNights);
  for (int i = 0; i < kNights * 288; ++i) {
    auto row = machine.Next();
    const auto night = static_cast<size_t>(i / 288);
    const bool job = i % 288 >= 36 && i % 288 < 40;
    if (job)
      for (const size_t j : {1u, 3u}) row[j] *= 1.6;
    const Score score = machine.Step(row);
    const bool around = i % 288 >= 30 && i % 288 < 60;
    alerts[night] += around && score.verdict >= Verdict::kWarning ? 1 : 0;
    EXPECT_FALSE(score.gate == Gate::kExpected && score.score > 1);
    if (night == 0 && job) mark(machine);
    if (i == 2 * 288) {  // a restart
      const std::string state = machine.detector->SnapshotState();
      const std::string model = machine.detector->SnapshotModel();
      machine.detector = MakeDetector(CalibratedMachine::Options());
      EXPECT_TRUE(machine.detector->RestoreState(state) && machine.detector->RestoreModel(model));
    }
  }
  return alerts;
}

TEST(ExpectedHours, ANightlyJobThatWasMarkedIsToldOnce) {
  const auto unmarked = NightsOfAJob([](auto&) {});
  const auto marked = NightsOfAJob([](auto& m) { m.detector->Mark(m.at, true, 4); });
  EXPECT_GT(unmarked[0], 0);
  EXPECT_EQ(marked[0], unmarked[0]);
  for (size_t night = 1; night < marked.size(); ++night) {
    EXPECT_GT(unmarked[night], 0) << night;
    EXPECT_EQ(marked[night], 0) << night;
  }
}

TEST(ExpectedHours, ATrainingKeepsTheMarks) {
  CalibratedMachine fitted(2);
  fitted.Train();
  const auto alerts = NightsOfAJob([&](auto& m) {
    m.detector->Mark(m.at, true, 4);
    m.detector->Adopt(*fitted.detector);
  });
  EXPECT_EQ(alerts[1] + alerts[2] + alerts[3] + alerts[4], 0);
}

}  // namespace
}  // namespace aiops
