// Snapshots of the calibrated detector: what comes back judges as what was saved, no bytes do harm.
#include <gtest/gtest.h>

#include <string>

#include "calibrated_machine.h"
#include "detectors/blob.h"

namespace aiops {
namespace {

void ExpectSame(const Score& a, const Score& b) {
  ASSERT_EQ(a.score, b.score);
  ASSERT_EQ(a.level, b.level);
  ASSERT_EQ(a.verdict, b.verdict);
  for (size_t j = 0; j < a.features.size(); ++j)
    ASSERT_EQ(a.features[j].contribution, b.features[j].contribution);
}

TEST(CalibratedSnapshot, RestoredItJudgesIdentically) {
  CalibratedMachine machine;
  machine.Train();
  for (int i = 0; i < 400; ++i) machine.Step(machine.Next());
  const auto restored = MakeDetector(CalibratedMachine::Options());
  ASSERT_TRUE(restored->RestoreState(machine.detector->SnapshotState()));
  ASSERT_TRUE(restored->RestoreModel(machine.detector->SnapshotModel()));
  for (int i = 0; i < 700; ++i) {
    auto row = machine.Next();
    if (i % 50 < 3) row[1] *= 2;
    const Score score = restored->Judge(row, machine.at);
    restored->Learn(row, machine.at, score, 0);
    ExpectSame(machine.Step(row), score);
  }
  EXPECT_EQ(restored->SnapshotState(), machine.detector->SnapshotState());
  EXPECT_EQ(restored->SnapshotModel(), machine.detector->SnapshotModel());
}

TEST(CalibratedSnapshot, AModelWithoutItsStateBeginsWhereTrainingEnded) {
  CalibratedMachine machine;
  machine.Train();
  const auto other = MakeDetector(CalibratedMachine::Options());
  ASSERT_TRUE(other->RestoreModel(machine.detector->SnapshotModel()));
  const auto row = machine.Next();
  EXPECT_EQ(other->Judge(row, machine.at).score, machine.Judge(row).score);
}

TEST(CalibratedSnapshot, AdoptedItJudgesIdentically) {
  CalibratedMachine machine;
  machine.Train();
  const auto other = MakeDetector(CalibratedMachine::Options());
  other->Adopt(*machine.detector);
  const auto row = machine.Next();
  EXPECT_EQ(other->Judge(row, machine.at).score, machine.Judge(row).score);
}

TEST(CalibratedSnapshot, StateIsSmallAndConstant) {
  CalibratedMachine machine;
  machine.Train();
  const size_t before = machine.detector->SnapshotState().size();
  for (int i = 0; i < 1000; ++i) machine.Step(machine.Next());
  EXPECT_EQ(machine.detector->SnapshotState().size(), before);
  EXPECT_LT(before, 1500 * CalibratedMachine::kWidth + 3000);
}

TEST(CalibratedSnapshot, AnotherWidthOrModeIsRefusedAndChangesNothing) {
  CalibratedMachine machine;
  machine.Train();
  auto options = CalibratedMachine::Options();
  options.features.resize(5);
  const auto narrow = MakeDetector(options);
  const std::string before = narrow->SnapshotState();
  EXPECT_EQ(narrow->RestoreState(machine.detector->SnapshotState()).error().kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(narrow->RestoreModel(machine.detector->SnapshotModel()).error().kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(narrow->SnapshotState(), before);
  const auto plain = MakeHybridDetector(CalibratedMachine::Options());
  EXPECT_FALSE(plain->RestoreModel(machine.detector->SnapshotModel()));
  EXPECT_FALSE(plain->RestoreState(machine.detector->SnapshotState()));
}

TEST(CalibratedSnapshot, TruncationsAreRefused) {
  CalibratedMachine machine;
  machine.Train();
  const std::string state = machine.detector->SnapshotState();
  const std::string model = machine.detector->SnapshotModel();
  const auto target = MakeDetector(CalibratedMachine::Options());
  for (size_t n = 0; n < state.size(); n += 7)
    ASSERT_FALSE(target->RestoreState(state.substr(0, n)));
  for (size_t n = 0; n < model.size(); n += 31)
    ASSERT_FALSE(target->RestoreModel(model.substr(0, n)));
}

// As an attacker would: the checksum fits.
std::string Mutate(std::string blob, Xoshiro256pp& random) {
  blob.resize(blob.size() - 8);
  for (std::uint32_t i = 0; i <= random.Below(3); ++i)
    blob[random.Below(static_cast<std::uint32_t>(blob.size()))] =
        static_cast<char>(random.Below(2) == 0 ? 0xff : random.Below(256));
  const std::uint64_t sum = BlobChecksum(blob);
  for (int i = 0; i < 8; ++i) blob += static_cast<char>((sum >> (8 * i)) & 0xff);
  return blob;
}

TEST(CalibratedSnapshot, HostileBlobsAreRefusedOrJudgeSanely) {
  CalibratedMachine machine;
  machine.Train();
  const std::string state = machine.detector->SnapshotState();
  const std::string model = machine.detector->SnapshotModel();
  const auto target = MakeDetector(CalibratedMachine::Options());
  Xoshiro256pp random(3);
  int accepted = 0;
  for (int i = 0; i < 1500; ++i) {
    accepted += target->RestoreState(Mutate(state, random)) ? 1 : 0;
    accepted += target->RestoreModel(i % 3 == 0 ? Mutate(model, random) : model) ? 1 : 0;
    for (const double factor : {1.0, 1e300, -1.0}) {
      auto row = machine.Next();
      row[3] *= factor;
      const Score score = target->Judge(row, machine.at);
      if (score.verdict != Verdict::kUnknown) {
        ASSERT_TRUE(std::isfinite(score.score) && std::isfinite(score.level)) << i;
      }
      target->Learn(row, machine.at, score, 0);
    }
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace aiops
