#include "detectors/hybrid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "detectors/detector.h"
#include "detectors/random.h"

namespace aiops {
namespace {

std::vector<FeatureScore> Contributions(std::vector<double> values) {
  std::vector<FeatureScore> features(values.size());
  for (size_t i = 0; i < values.size(); ++i) features[i].contribution = values[i];
  return features;
}

TEST(Hybrid, VerdictIsTheTable) {
  using V = Verdict;
  const V without_forest[] = {V::kNormal, V::kLogOnly, V::kWarning, V::kWarning};
  for (int n = 0; n < 4; ++n) {
    EXPECT_EQ(HybridVerdict({false, false, n}), without_forest[n]) << n;
    EXPECT_EQ(HybridVerdict({true, false, n}), V::kWarning) << n;
    EXPECT_EQ(HybridVerdict({true, true, n}), V::kCritical) << n;
  }
}

TEST(Hybrid, EwmaPartIsOneWhenTheSecondFeatureIs) {
  EXPECT_EQ(EwmaPart({}), 0);
  EXPECT_EQ(EwmaPart(Contributions({0.4})), 0.2);
  EXPECT_EQ(EwmaPart(Contributions({9, 0, 0})), 0.5);
  EXPECT_LT(EwmaPart(Contributions({9, std::nextafter(1.0, 0.0)})), 1);
  EXPECT_EQ(EwmaPart(Contributions({1, 1})), 1);
  EXPECT_EQ(EwmaPart(Contributions({3, 0, 2, 5})), 3);
}

TEST(Hybrid, ForestPartIsOneJustAboveItsThreshold) {
  EXPECT_EQ(ForestPart(0.4, 0.45, 0.6), 0);
  EXPECT_NEAR(ForestPart(0.525, 0.45, 0.6), 0.5, 1e-12);
  EXPECT_LT(ForestPart(0.6, 0.45, 0.6), 1);
  EXPECT_GE(ForestPart(std::nextafter(0.6, 1.0), 0.45, 0.6), 1);
  EXPECT_NEAR(ForestPart(0.75, 0.45, 0.6), 2, 1e-12);
  EXPECT_LT(ForestPart(0.5, 0.5, 0.5), 1);  // constant training data
  EXPECT_GT(ForestPart(0.8, 0.5, 0.5), 1);
}

DetectorOptions Options(size_t width, FeatureRule rule = {}) {
  DetectorOptions options;
  options.features.assign(width, rule);
  return options;
}

class Cloud {
 public:
  explicit Cloud(std::uint64_t seed) : random_(seed) {}
  std::vector<double> Row(size_t width) {
    std::vector<double> row(width);
    for (double& v : row) v = 100 + 4 * (random_.Uniform() + random_.Uniform() + random_.Uniform());
    return row;
  }
  std::vector<double> Rows(size_t rows, size_t width) {
    std::vector<double> all;
    for (size_t i = 0; i < rows; ++i) {
      const auto row = Row(width);
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }
  Xoshiro256pp& random() { return random_; }

 private:
  Xoshiro256pp random_;
};

void Feed(Detector& detector, const std::vector<double>& x, std::uint32_t flags = 0) {
  detector.Learn(x, {}, detector.Judge(x, {}), flags);
}

std::unique_ptr<Detector> WarmDetector(size_t width, FeatureRule rule = {}) {
  auto detector = MakeHybridDetector(Options(width, rule));
  Cloud cloud(1);
  for (int i = 0; i < 40; ++i) Feed(*detector, cloud.Row(width));
  return detector;
}

std::unique_ptr<Detector> FittedDetector(size_t width) {
  auto detector = WarmDetector(width);
  const auto rows = Cloud(2).Rows(2000, width);
  EXPECT_TRUE(detector->Fit({rows.data(), 2000, width}, {}));
  return detector;
}

TEST(HybridDetector, IsUnknownWithProgressUntilWarm) {
  auto detector = MakeHybridDetector(Options(4));
  Cloud cloud(1);
  for (int i = 0; i < 20; ++i) {
    const auto x = cloud.Row(4);
    const Score score = detector->Judge(x, {});
    EXPECT_EQ(score.verdict, Verdict::kUnknown);
    EXPECT_EQ(score.gate, Gate::kWarmup);
    EXPECT_NEAR(score.warmup, i / 20.0, 1e-12);
    EXPECT_TRUE(IsMissing(score.score) && IsMissing(score.level));
    detector->Learn(x, {}, score, 0);
  }
  const Score score = detector->Judge(cloud.Row(4), {});
  EXPECT_NE(score.verdict, Verdict::kUnknown);
  EXPECT_EQ(score.warmup, 1);
  EXPECT_TRUE(std::isfinite(score.score));
}

TEST(HybridDetector, AFeatureThatComesLateDoesNotSilenceTheOthers) {
  auto detector = MakeHybridDetector(Options(4));
  Cloud cloud(1);
  for (int i = 0; i < 30; ++i) {
    auto x = cloud.Row(4);
    x[3] = kMissing;
    Feed(*detector, x);
  }
  EXPECT_EQ(detector->Judge({{106, 106, 106, 5000}}, {}).verdict, Verdict::kNormal);
}

TEST(HybridDetector, LowCoverageIsUnknownNeverNormal) {
  const auto detector = FittedDetector(4);
  for (const auto& x : std::vector<std::vector<double>>{{106, kMissing, kMissing, kMissing},
                                                        std::vector<double>(4, kMissing)}) {
    const Score score = detector->Judge(x, {});
    EXPECT_EQ(score.verdict, Verdict::kUnknown);
    EXPECT_EQ(score.gate, Gate::kCoverage);
    EXPECT_TRUE(IsMissing(score.score));
  }
  const Score half = detector->Judge({{106, 106, kMissing, kMissing}}, {});
  EXPECT_EQ(half.verdict, Verdict::kNormal);
  EXPECT_EQ(half.coverage, 0.5);
}

TEST(HybridDetector, NothingPresentIsUnknownEvenWithoutAMinimum) {
  DetectorOptions options = Options(2);
  options.min_coverage = 0;
  auto detector = MakeHybridDetector(options);
  const auto rows = Cloud(2).Rows(50, 2);
  ASSERT_TRUE(detector->Fit({rows.data(), 50, 2}, {}));
  EXPECT_EQ(detector->Judge({{kMissing, kMissing}}, {}).verdict, Verdict::kUnknown);
}

TEST(HybridDetector, OneOddFeatureIsLoggedAndTwoWarnWithoutAModel) {
  const auto detector = WarmDetector(4);
  EXPECT_EQ(detector->Judge({{106, 106, 106, 106}}, {}).verdict, Verdict::kNormal);
  const Score one = detector->Judge({{200, 106, 106, 106}}, {});
  EXPECT_EQ(one.verdict, Verdict::kLogOnly);
  EXPECT_EQ(one.ewma_anomalies, 1);
  EXPECT_GE(one.score, 0.5);
  EXPECT_LT(one.score, 1);
  const Score two = detector->Judge({{200, 106, 10, 106}}, {});
  EXPECT_EQ(two.verdict, Verdict::kWarning);
  EXPECT_GE(two.score, 1);
  EXPECT_TRUE(IsMissing(two.forest));
  EXPECT_FALSE(detector->model().present);
}

TEST(HybridDetector, TheForestAloneCanWarnAndIsTheOnlyWayToCritical) {
  auto detector = MakeHybridDetector(Options(4));
  const auto rows = Cloud(2).Rows(2000, 4);
  ASSERT_TRUE(detector->Fit({rows.data(), 2000, 4}, {}));
  const Score score = detector->Judge({{200, 10, 200, 10}}, {});  // EWMA is cold
  EXPECT_EQ(score.warmup, 1);
  EXPECT_EQ(score.verdict, Verdict::kCritical);
  EXPECT_GT(score.forest, score.forest_critical);
  EXPECT_GE(score.forest_critical, score.forest_warning);
  EXPECT_EQ(detector->Judge({{106, 106, 106, 106}}, {}).verdict, Verdict::kNormal);
}

TEST(HybridDetector, ThresholdsAreTheContaminationQuantilesOfTheTrainingRows) {
  const auto detector = FittedDetector(5);
  const auto rows = Cloud(2).Rows(2000, 5);
  int warning = 0;
  int critical = 0;
  for (size_t i = 0; i < 2000; ++i) {
    const Score score = detector->Judge({rows.data() + i * 5, 5}, {});
    warning += score.forest > score.forest_warning ? 1 : 0;
    critical += score.forest > score.forest_critical ? 1 : 0;
  }
  EXPECT_NEAR(warning, 100, 2);
  EXPECT_NEAR(critical, 20, 2);
}

TEST(HybridDetector, ConstantTrainingDataStaysQuiet) {
  auto detector = MakeHybridDetector(Options(3));
  const std::vector<double> rows(300, 5.0);
  ASSERT_TRUE(detector->Fit({rows.data(), 100, 3}, {}));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(detector->Judge({{5, 5, 5}}, {}).verdict, Verdict::kNormal);
    Feed(*detector, {5, 5, 5});
  }
  EXPECT_EQ(detector->Judge({{9, 9, 5}}, {}).verdict, Verdict::kWarning);
}

TEST(HybridDetector, SaysWhichGateKeptItSilent) {
  const auto up = WarmDetector(3, {Direction::kUp, 0});
  const Score down = up->Judge({{10, 10, 106}}, {});
  EXPECT_EQ(down.verdict, Verdict::kNormal);
  EXPECT_EQ(down.gate, Gate::kDirection);
  const auto coarse = WarmDetector(3, {Direction::kBoth, 50});
  EXPECT_EQ(coarse->Judge({{140, 140, 106}}, {}).gate, Gate::kMinDeviation);
  EXPECT_EQ(coarse->Judge({{180, 180, 106}}, {}).gate, Gate::kNone);
}

// The promise of Score::score, and that nothing is NaN where a verdict is given.
TEST(HybridDetector, ScoreIsAtLeastOneExactlyWhenTheVerdictAlerts) {
  Cloud cloud(9);
  const double odd[] = {kMissing, 1e308, -1e308, 5e-324, 0, 110, 118, 95, 1e12, INFINITY};
  int alerts = 0;
  for (const bool fitted : {false, true}) {
    const auto detector = fitted ? FittedDetector(5) : WarmDetector(5);
    for (int i = 0; i < 4000; ++i) {
      auto x = cloud.Row(5);
      for (double& v : x)
        if (cloud.random().Uniform() < 0.15) v = odd[cloud.random().Below(10)];
      const Score score = detector->Judge(x, {});
      if (score.verdict == Verdict::kUnknown) {
        EXPECT_TRUE(IsMissing(score.score));
      } else {
        EXPECT_TRUE(std::isfinite(score.score) && std::isfinite(score.level));
        EXPECT_EQ(score.score >= 1, score.verdict >= Verdict::kWarning) << score.score;
        alerts += score.score >= 1 ? 1 : 0;
      }
      for (const FeatureScore& f : score.features)
        EXPECT_TRUE(std::isfinite(f.z) && std::isfinite(f.contribution) && f.contribution >= 0);
      detector->Learn(x, {}, score, 0);
    }
  }
  EXPECT_GT(alerts, 100);
  EXPECT_LT(alerts, 7900);
}

TEST(HybridDetector, JudgingChangesNothing) {
  const auto detector = FittedDetector(4);
  const std::string before = detector->SnapshotState();
  const Score first = detector->Judge({{150, 106, 90, 106}}, {});
  const Score second = detector->Judge({{150, 106, 90, 106}}, {});
  EXPECT_EQ(first.score, second.score);
  EXPECT_EQ(detector->SnapshotState(), before);
}

TEST(HybridDetector, LevelFollowsTheScoreSmoothly) {
  const auto detector = WarmDetector(3);
  const std::vector<double> x{130, 130, 130};
  const double before = detector->Judge({{106, 106, 106}}, {}).level;
  Feed(*detector, {106, 106, 106});
  const Score score = detector->Judge(x, {});
  EXPECT_NEAR(score.level, 0.4 * score.score + 0.6 * before, 1e-12);
}

TEST(HybridDetector, FlagsDecideWhatIsLearned) {
  const struct {
    std::uint32_t flag;
    bool learned;
  } cases[] = {{0, true},
               {kBackfill, true},
               {kExpected, true},
               {kLowCoverage, true},
               {kPartial, false},
               {kMaintenance, false},
               {kMuted, false},
               {kConfirmedReal, false},
               {kPartial | kBackfill, false}};
  for (const auto& c : cases) {
    const auto detector = WarmDetector(2);
    const std::vector<double> x{108, 108};
    const double before = detector->Judge(x, {}).features[0].expected;
    Feed(*detector, x, c.flag);
    EXPECT_EQ(detector->Judge(x, {}).features[0].expected != before, c.learned) << c.flag;
  }
}

TEST(HybridDetector, FitWantsTwoUsableRowsOfItsWidth) {
  auto detector = MakeHybridDetector(Options(2));
  std::vector<double> rows(200, kMissing);
  const auto refused = detector->Fit({rows.data(), 100, 2}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  rows[0] = rows[1] = 1;
  EXPECT_FALSE(detector->Fit({rows.data(), 100, 2}, {}));
  rows[2] = 2;
  EXPECT_TRUE(detector->Fit({rows.data(), 100, 2}, {}));  // half a row is enough coverage
  EXPECT_EQ(detector->model().rows, 2u);
  EXPECT_EQ(detector->Fit({rows.data(), 50, 4}, {}).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(detector->Fit({nullptr, 0, 2}, {}));
  EXPECT_TRUE(detector->model().present);
}

TEST(HybridDetector, AdoptTakesTheModelAndKeepsTheBaseline) {
  const auto detector = WarmDetector(4);
  const std::string state = detector->SnapshotState();
  detector->Adopt(*FittedDetector(4));
  EXPECT_TRUE(detector->model().present);
  EXPECT_EQ(detector->model().rows, 2000u);
  EXPECT_EQ(detector->SnapshotState(), state);
}

TEST(HybridDetector, ContributionsPutTheOddFeatureFirst) {
  const auto detector = FittedDetector(5);
  for (size_t odd = 0; odd < 5; ++odd) {
    std::vector<double> x(5, 106);
    x[odd] = 160;
    const Score score = detector->Judge(x, {});
    for (size_t i = 0; i < 5; ++i)
      if (i != odd) {
        EXPECT_LT(score.features[i].contribution, score.features[odd].contribution);
      }
  }
}

}  // namespace
}  // namespace aiops
