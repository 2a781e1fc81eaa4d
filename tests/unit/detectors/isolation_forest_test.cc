#include "detectors/isolation_forest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "detectors/forest_nodes.h"
#include "detectors/forest_walk.h"
#include "detectors/random.h"
#include "rank_correlation.h"

namespace aiops {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Data {
  std::vector<double> values;
  size_t cols = 0;
  MatrixView view() const { return {values.data(), values.size() / cols, cols}; }
};

// Each feature the sum of four uniforms: mean 2, standard deviation 0.58.
Data Cloud(size_t rows, size_t cols, std::uint64_t seed = 1) {
  Xoshiro256pp random(seed);
  Data data{{}, cols};
  for (size_t i = 0; i < rows * cols; ++i)
    data.values.push_back(random.Uniform() + random.Uniform() + random.Uniform() +
                          random.Uniform());
  return data;
}

IsolationForest Fit(const Data& data, IsolationForestOptions options = {}) {
  return IsolationForest::Fit(data.view(), options).value();
}

TEST(IsolationForest, AveragePathLengthIsThePapers) {
  EXPECT_EQ(AveragePathLength(0), 0);
  EXPECT_EQ(AveragePathLength(1), 0);
  EXPECT_EQ(AveragePathLength(2), 1);
  EXPECT_NEAR(AveragePathLength(256), 10.244770920, 1e-8);
}

TEST(IsolationForest, OutlierScoresAboveEveryInlier) {
  const Data data = Cloud(1000, 4);
  const IsolationForest forest = Fit(data);
  const std::vector<double> scores = forest.ScoreAll(data.view());
  const double worst = *std::max_element(scores.begin(), scores.end());
  EXPECT_GT(forest.Score(std::vector<double>{9, 9, 9, 9}), worst);
  EXPECT_LT(forest.Score(std::vector<double>{2, 2, 2, 2}), 0.45);
}

TEST(IsolationForest, SameSeedGivesTheSameScoresAndAnotherSeedOthers) {
  const Data data = Cloud(500, 3);
  const auto first = Fit(data, {.seed = 7}).ScoreAll(data.view());
  EXPECT_EQ(first, Fit(data, {.seed = 7}).ScoreAll(data.view()));
  EXPECT_NE(first, Fit(data, {.seed = 8}).ScoreAll(data.view()));
}

// The numbers themselves, so that another compiler or machine cannot drift unnoticed.
TEST(IsolationForest, ScoresAreTheSameOnEveryMachine) {
  Data data = Cloud(300, 3);
  for (double& v : data.values) v = std::round(v * 1000);
  const IsolationForest forest = Fit(data, {.n_estimators = 10, .seed = 3});
  EXPECT_NEAR(forest.Score(std::vector<double>{2000, 2000, 2000}), 0.38230160424, 1e-9);
  EXPECT_NEAR(forest.Score(std::vector<double>{3900, 100, 2000}), 0.64392208766, 1e-9);
}

TEST(IsolationForest, BulkScoresAreTheSingleScores) {
  Data data = Cloud(203, 5);  // not a whole number of blocks
  for (size_t i = 0; i < data.values.size(); i += 37) data.values[i] = kMissing;
  const IsolationForest forest = Fit(data);
  const std::vector<double> bulk = forest.ScoreAll(data.view());
  for (size_t i = 0; i < bulk.size(); ++i)
    EXPECT_EQ(bulk[i], forest.Score(data.view().Row(i))) << i;
}

TEST(IsolationForest, TakesNoMoreThanAQuarterMegabyte) {
  EXPECT_LE(Fit(Cloud(10080, 11)).bytes(), 250'000u);
}

TEST(IsolationForest, NodesFormTreesNoDeeperThanTheHeightLimit) {
  const IsolationForest forest = Fit(Cloud(1000, 3), {.n_estimators = 20, .max_samples = 64});
  EXPECT_EQ(forest.trees(), 20u);
  EXPECT_EQ(forest.samples(), 64u);
  EXPECT_LE(forest.nodes().size(), 20u * 127);
  for (const ForestNode& node : forest.nodes()) {
    if (node.skip == 0) {
      EXPECT_LE(node.expected * kExpectedUnit, 6 + AveragePathLength(64));
    }
  }
}

TEST(IsolationForest, ContributionsNameTheFeatureThatIsOdd) {
  const Data data = Cloud(2000, 6);
  const IsolationForest forest = Fit(data);
  for (size_t odd = 0; odd < 6; ++odd) {
    std::vector<double> x(6, 2.0);
    x[odd] = 12;
    std::vector<double> evidence(6);
    EXPECT_EQ(forest.Explain(x, evidence), forest.Score(x));
    const double total = std::accumulate(evidence.begin(), evidence.end(), 0.0);
    EXPECT_GT(evidence[odd] / total, 0.8) << odd;
    for (const double e : evidence) EXPECT_GE(e, 0);
  }
}

TEST(IsolationForest, MissingFeatureGivesNoEvidenceAndHardlyMovesTheScore) {
  const Data data = Cloud(2000, 6);
  const IsolationForest forest = Fit(data);
  Data gappy = Cloud(300, 6, 99);
  const auto complete = forest.ScoreAll(gappy.view());
  for (size_t i = 2; i < gappy.values.size(); i += 6) gappy.values[i] = kMissing;
  const auto missing = forest.ScoreAll(gappy.view());
  EXPECT_GT(RankCorrelation(complete, missing), 0.8);
  double difference = 0;
  for (size_t i = 0; i < missing.size(); ++i) difference += (missing[i] - complete[i]) / 300;
  EXPECT_NEAR(difference, 0, 0.01);
  std::vector<double> evidence(6);
  forest.Explain(std::vector<double>{2, 2, kMissing, kInf, 9, -kInf}, evidence);
  EXPECT_EQ(evidence[2] + evidence[3] + evidence[5], 0);
  EXPECT_GT(evidence[4], 0);
}

TEST(IsolationForest, LearnsFromRowsWithGaps) {
  Data data = Cloud(2000, 4);
  Xoshiro256pp random(5);
  for (double& v : data.values)
    if (random.Uniform() < 0.3) v = kMissing;
  const IsolationForest forest = Fit(data);
  const double inlier = forest.Score(std::vector<double>{2, 2, 2, 2});
  EXPECT_GT(forest.Score(std::vector<double>{2, 9, 2, 2}), inlier + 0.1);
  EXPECT_GT(forest.Score(std::vector<double>{2, 9, kMissing, 2}), inlier + 0.1);
}

TEST(IsolationForest, ARowWithoutAnyValueScoresAsTheMeanRow) {
  const Data data = Cloud(1000, 3);
  const IsolationForest forest = Fit(data);
  const auto scores = forest.ScoreAll(data.view());
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / 1000;
  EXPECT_NEAR(forest.Score(std::vector<double>(3, kMissing)), mean, 0.03);
}

// One after the other, side by side, or swept: the same leaves.
TEST(IsolationForest, EveryWayThroughATreeEndsInTheSameLeaf) {
  const Data data = Cloud(kSweepRows, 5);
  const std::vector<float> values(data.values.begin(), data.values.end());
  const IsolationForest forest = Fit(Cloud(500, 5, 2), {.n_estimators = 1});
  const auto& nodes = forest.nodes();
  std::vector<float> columns(values.size());
  std::vector<std::uint32_t> sums(kSweepRows, 7);
  for (size_t i = 0; i < values.size(); ++i) columns[i % 5 * kSweepRows + i / 5] = values[i];
  SweepTree(nodes, columns.data(), sums.data());
  for (size_t i = 0; i < kSweepRows; ++i) {
    const float* row = &values[i * 5];
    const ForestNode* node = nodes.data();
    while (node->skip != 0) node += row[node->feature] <= node->threshold ? 1 : node->skip;
    Lanes at{};
    WalkLanes(nodes.data(), row, at);
    for (const std::uint32_t lane : at) EXPECT_EQ(lane, node - nodes.data());
    EXPECT_EQ(sums[i], 7 + node->expected);
  }
}

TEST(IsolationForest, ConstantAndDuplicateRowsScoreAlike) {
  Data data{{}, 2};
  for (int i = 0; i < 100; ++i) data.values.insert(data.values.end(), {3, 4});
  const auto scores = Fit(data).ScoreAll(data.view());
  for (const double s : scores) EXPECT_EQ(s, scores[0]);
  EXPECT_TRUE(std::isfinite(scores[0]));
}

TEST(IsolationForest, IgnoresConstantFeatures) {
  Data data = Cloud(500, 3);
  for (size_t i = 1; i < data.values.size(); i += 3) data.values[i] = 7;
  const IsolationForest forest = Fit(data);
  for (const ForestNode& node : forest.nodes())
    if (node.skip != 0) {
      EXPECT_NE(node.feature, 1);
    }
}

TEST(IsolationForest, TwoRowsAreEnoughAndOneIsNot) {
  const Data two{{1, 2}, 1};
  const IsolationForest forest = Fit(two);
  EXPECT_EQ(forest.samples(), 2u);
  EXPECT_DOUBLE_EQ(forest.Score(std::vector<double>{1}), 0.5);
  const double one = 1;
  const auto refused = IsolationForest::Fit({&one, 1, 1}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(IsolationForest::Fit({nullptr, 0, 3}, {}));
}

TEST(IsolationForest, HostileValuesNeverGiveNaN) {
  const std::vector<double> hostile{1e308, -1e308, 5e-324,   0,    1,
                                    kInf,  -kInf,  kMissing, 1e39, -1e39};
  Xoshiro256pp random(3);
  const auto any = [&] {
    return hostile[random.Below(static_cast<std::uint32_t>(hostile.size()))];
  };
  for (int round = 0; round < 50; ++round) {
    Data data{{}, 1 + random.Below(4)};
    for (size_t i = 0; i < (2 + random.Below(60)) * data.cols; ++i) data.values.push_back(any());
    data.values.resize(data.values.size() / data.cols * data.cols);
    if (data.view().rows < 2) continue;
    const IsolationForest forest = Fit(data, {.n_estimators = 10});
    std::vector<double> evidence(data.cols);
    for (const double s : forest.ScoreAll(data.view())) {
      EXPECT_GT(s, 0);
      EXPECT_LE(s, 1);
    }
    forest.Explain(data.view().Row(0), evidence);
    for (const double e : evidence) EXPECT_TRUE(std::isfinite(e) && e >= 0);
  }
}

}  // namespace
}  // namespace aiops
