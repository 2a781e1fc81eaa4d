// One forest for many: stored apart from the models that name it, and as good as forests of one's
// own.
#include "detectors/shared_forest.h"

#include <gtest/gtest.h>

#include "calibrated_machine.h"

namespace aiops {
namespace {

using Forest = std::shared_ptr<const SharedForest>;

// What `machine` gives to a forest of many: rows drawn from its first week.
std::vector<double> Drawn(CalibratedMachine machine, const DetectorOptions& options, size_t count,
                          std::uint64_t seed = 1) {
  std::vector<double> rows;
  std::vector<Moment> moments;
  for (size_t i = 0; i < CalibratedMachine::kTraining; ++i) {
    const auto row = machine.Next();
    rows.insert(rows.end(), row.begin(), row.end());
    moments.push_back(machine.at);
  }
  Xoshiro256pp random(seed);
  auto drawn = DrawResiduals({rows.data(), moments.size(), CalibratedMachine::kWidth}, moments,
                             options, count, random);
  return drawn ? *std::move(drawn) : std::vector<double>();
}

constexpr size_t kResiduals = kResidualsAMetric * CalibratedMachine::kWidth;

Forest ForestOf(std::uint64_t machines,
                const DetectorOptions& options = CalibratedMachine::Options()) {
  std::vector<double> rows;
  for (std::uint64_t m = 1; m <= machines; ++m) {
    const auto drawn = Drawn(CalibratedMachine(m), options, 500);
    rows.insert(rows.end(), drawn.begin(), drawn.end());
  }
  auto forest =
      SharedForest::Fit({rows.data(), rows.size() / kResiduals, kResiduals}, options.forest);
  return forest ? *std::move(forest) : nullptr;
}

DetectorOptions Sharing(const Forest& forest,
                        DetectorOptions options = CalibratedMachine::Options()) {
  options.calibrated.forest = forest;
  options.calibrated.saved_forests = {forest};
  return options;
}

TEST(SharedForest, ItsSnapshotComesBackAsItself) {
  const Forest forest = ForestOf(3);
  ASSERT_TRUE(forest);
  const auto restored = SharedForest::Restore(forest->Snapshot());
  ASSERT_TRUE(restored);
  EXPECT_EQ((*restored)->id(), forest->id());
  EXPECT_EQ((*restored)->Snapshot(), forest->Snapshot());
  for (const size_t cut : {size_t{0}, size_t{11}, forest->Snapshot().size() - 1})
    EXPECT_FALSE(SharedForest::Restore(forest->Snapshot().substr(0, cut)));
}

TEST(SharedForest, AModelNamesItAndFindsItAgain) {
  const Forest forest = ForestOf(3);
  CalibratedMachine own, machine(1, Sharing(forest));
  own.Train();
  machine.Train();
  for (int i = 0; i < 400; ++i) machine.Step(machine.Next());
  const std::string model = machine.detector->SnapshotModel();
  EXPECT_LT(model.size() + forest->Snapshot().size() / 2, own.detector->SnapshotModel().size());
  EXPECT_LT(machine.detector->model().bytes, own.detector->model().bytes / 2);

  const auto restored = MakeDetector(Sharing(*SharedForest::Restore(forest->Snapshot())));
  ASSERT_TRUE(restored->RestoreState(machine.detector->SnapshotState()));
  ASSERT_TRUE(restored->RestoreModel(model));
  EXPECT_EQ(restored->SnapshotModel(), model);
  for (int i = 0; i < 300; ++i) {
    const auto row = machine.Next();
    const Score score = restored->Judge(row, machine.at);
    restored->Learn(row, machine.at, score, 0);
    const Score same = machine.Step(row);
    ASSERT_EQ(score.score, same.score);
    ASSERT_EQ(score.forest, same.forest);
  }
}

TEST(SharedForest, WithoutItTheModelIsRefused) {
  const Forest forest = ForestOf(2);
  CalibratedMachine machine(1, Sharing(forest));
  machine.Train();
  const auto lost = MakeDetector(CalibratedMachine::Options());
  const auto restored = lost->RestoreModel(machine.detector->SnapshotModel());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(lost->model().present);
}

TEST(SharedForest, AForestOfAnotherWidthIsNotTaken) {
  DetectorOptions options = Sharing(ForestOf(2));
  options.features.resize(5);
  const auto narrow = MakeDetector(options);
  CalibratedMachine machine;
  std::vector<double> rows;
  std::vector<Moment> moments;
  for (int i = 0; i < 600; ++i) {
    const auto row = machine.Next();
    rows.insert(rows.end(), row.begin(), row.begin() + 5);
    moments.push_back(machine.at);
  }
  ASSERT_TRUE(narrow->Fit({rows.data(), 600, 5}, moments));
  const auto again = MakeDetector(options);
  EXPECT_TRUE(again->RestoreModel(narrow->SnapshotModel()));  // with a forest of its own
}

TEST(SharedForest, RowsAreDrawnBySeedAndNeverMoreThanThereAre) {
  const auto options = CalibratedMachine::Options();
  const auto drawn = Drawn(CalibratedMachine(), options, 100);
  EXPECT_EQ(drawn.size(), 100 * kResiduals);
  EXPECT_EQ(drawn, Drawn(CalibratedMachine(), options, 100));
  EXPECT_NE(drawn, Drawn(CalibratedMachine(), options, 100, 2));
  EXPECT_EQ(Drawn(CalibratedMachine(), options, 1'000'000).size(),
            CalibratedMachine::kTraining * kResiduals);
  for (const double v : drawn) ASSERT_TRUE(std::isfinite(v));
  auto ranged = options;  // what is out of range is no value, here as in a fit
  for (FeatureRule& rule : ranged.features) rule.most = 0;
  EXPECT_TRUE(Drawn(CalibratedMachine(), ranged, 100).empty());
}

struct Found {
  int incidents = 0;     // of 20 on each machine
  int false_alerts = 0;  // starts, in four weeks of each machine
};

// Incidents of half an hour, in which two of six metrics rise by a fifth.
Found TryOut(std::uint64_t seed, const DetectorOptions& options) {
  CalibratedMachine machine(seed, options);
  machine.Train();
  Found found;
  bool before = false;
  for (int i = 0; i < 28 * 288; ++i) {
    const bool incident = i % 400 >= 390 && i % 400 < 396;
    auto row = machine.Next();
    if (incident)
      for (const size_t j :
           {static_cast<size_t>(i) / 400 % 6, static_cast<size_t>(i) / 400 % 5 + 1})
        row[j] *= 1.2;
    const bool alert = machine.Step(row).verdict >= Verdict::kWarning;
    if (alert && !before) ++(incident ? found.incidents : found.false_alerts);
    before = alert;
  }
  return found;
}

TEST(SharedForest, FindsWhatForestsOfTheirOwnFind) {
  DetectorOptions alone = CalibratedMachine::Options();
  alone.forest.n_estimators = 100;
  const DetectorOptions together = Sharing(ForestOf(8, alone), alone);
  Found own, shared;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {  // two of them gave nothing to it
    for (auto* sum : {&own, &shared}) {
      const Found found = TryOut(seed, sum == &own ? alone : together);
      sum->incidents += found.incidents;
      sum->false_alerts += found.false_alerts;
    }
  }
  std::printf("own forests: %d of 200 incidents, %d false alerts in 280 days; shared: %d, %d\n",
              own.incidents, own.false_alerts, shared.incidents, shared.false_alerts);
  EXPECT_GE(own.incidents, 150);
  EXPECT_GE(shared.incidents, own.incidents - 6);
  EXPECT_LE(shared.false_alerts, 1.15 * own.false_alerts);
}

}  // namespace
}  // namespace aiops
