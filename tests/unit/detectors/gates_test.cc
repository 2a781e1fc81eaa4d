// What MakeDetector wraps around a detector: values that are none, and alerts that must last.
#include <gtest/gtest.h>

#include <vector>

#include "detectors/detector.h"
#include "model/sample.h"

namespace aiops {
namespace {

using Row = std::vector<double>;
constexpr size_t kRate = 0, kRatio = 1, kLoad = 2;

DetectorOptions Options() {
  DetectorOptions options;
  options.features.resize(3);
  return options;
}

// Has learned that 1, 0.1 and 50 are usual.
std::unique_ptr<Detector> Warm(const DetectorOptions& options) {
  auto detector = MakeDetector(options);
  for (int i = 0; i < 40; ++i) {
    const double wobble = i % 2 == 0 ? 1.01 : 0.99;
    const Row row{1 * wobble, 0.1 * wobble, 50 * wobble};
    detector->Learn(row, {}, detector->Judge(row, {}), 0);
  }
  return detector;
}

Score Step(Detector& detector, const Row& row) {
  const Score score = detector.Judge(row, {});
  detector.Learn(row, {}, score, 0);
  return score;
}

TEST(Screening, ARatioOverTooFewEventsIsShownAndNotJudged) {
  auto options = Options();
  options.features[kRatio].min_count = 0.5;
  options.features[kRatio].counted_by = kRate;
  const auto detector = Warm(options);
  const Score few = Step(*detector, {0.4, 1, 50});
  EXPECT_EQ(few.features[kRatio].value, 1);
  EXPECT_EQ(few.features[kRatio].gate, Gate::kMinCount);
  EXPECT_FALSE(few.features[kRatio].anomalous);
  EXPECT_EQ(few.features[kRatio].contribution, 0);
  // Nor learned: as many as are wanted, and it is as unusual as before.
  const Score enough = Step(*detector, {0.5, 0.2, 50});
  EXPECT_TRUE(enough.features[kRatio].anomalous);
  EXPECT_EQ(enough.features[kRatio].gate, Gate::kNone);
  // Who cannot be counted is judged.
  EXPECT_TRUE(Step(*detector, {kMissing, 1, 50}).features[kRatio].anomalous);
}

TEST(Screening, AValueThatCannotBeIsNone) {
  auto options = Options();
  options.features[kLoad].least = 0;
  options.features[kLoad].most = 100;
  const auto detector = Warm(options);
  for (const double impossible : {-1.0, 100.5, 1e300}) {
    const Score score = Step(*detector, {1, 0.1, impossible});
    EXPECT_EQ(score.features[kLoad].gate, Gate::kRange);
    EXPECT_EQ(score.features[kLoad].value, impossible);
    EXPECT_EQ(score.verdict, Verdict::kNormal);
    EXPECT_NEAR(score.coverage, 2.0 / 3, 1e-9);
  }
  EXPECT_TRUE(Step(*detector, {1, 0.1, 100}).features[kLoad].anomalous);
}

TEST(Screening, TrainingDoesNotSeeThemEither) {
  auto options = Options();
  options.features[kLoad].most = 100;
  auto clean = MakeDetector(options), dirty = MakeDetector(options);
  std::vector<double> rows, spoiled;
  std::vector<Moment> moments(600);
  for (size_t i = 0; i < moments.size(); ++i) {
    moments[i].time = Time{} + minutes(1) * static_cast<std::int64_t>(i);
    const double x = static_cast<double>(i % 17);
    rows.insert(rows.end(), {x, 2 * x, i % 50 == 0 ? kMissing : 40 + x});
    spoiled.insert(spoiled.end(), {x, 2 * x, i % 50 == 0 ? 4e9 : 40 + x});
  }
  ASSERT_TRUE(clean->Fit({rows.data(), moments.size(), 3}, moments));
  ASSERT_TRUE(dirty->Fit({spoiled.data(), moments.size(), 3}, moments));
  EXPECT_EQ(clean->SnapshotModel(), dirty->SnapshotModel());
}

TEST(Persistence, AWarningMustLastAndAQuietSampleBeginsAnew) {
  auto options = Options();
  options.persistence = 3;
  const auto detector = Warm(options);
  const Row odd{9, 0.9, 50}, usual{1, 0.1, 50};
  for (int i = 0; i < 2; ++i) {
    const Score held = Step(*detector, odd);
    EXPECT_EQ(held.verdict, Verdict::kLogOnly) << i;
    EXPECT_EQ(held.gate, Gate::kPersistence) << i;
    EXPECT_GT(held.score, 1) << i;
  }
  EXPECT_EQ(Step(*detector, odd).verdict, Verdict::kWarning);
  EXPECT_EQ(Step(*detector, odd).verdict, Verdict::kWarning);
  EXPECT_EQ(Step(*detector, usual).verdict, Verdict::kNormal);
  EXPECT_EQ(Step(*detector, odd).gate, Gate::kPersistence);
}

TEST(Persistence, ADetectorOfTheSameOptionsIsAdopted) {
  auto options = Options();
  options.persistence = 2;
  options.features[kLoad].most = 100;
  auto live = MakeDetector(options), fitted = MakeDetector(options);
  std::vector<double> rows;
  std::vector<Moment> moments(600);
  for (size_t i = 0; i < moments.size(); ++i)
    rows.insert(rows.end(), {static_cast<double>(i % 17), static_cast<double>(i % 13), 50});
  ASSERT_TRUE(fitted->Fit({rows.data(), moments.size(), 3}, moments));
  live->Adopt(*fitted);
  EXPECT_TRUE(live->model().present);
  EXPECT_TRUE(MakeDetector(options)->RestoreModel(live->SnapshotModel()));
}

}  // namespace
}  // namespace aiops
