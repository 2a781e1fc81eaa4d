// Our forest against scikit-learn's, on the same rows (tests/tools/sklearn_forest.py recorded
// them).
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "detectors/isolation_forest.h"
#include "rank_correlation.h"

namespace aiops {
namespace {

constexpr size_t kSeeds = 5;

struct Table {
  std::vector<double> values;
  size_t rows = 0;
  size_t cols = 0;
  std::vector<double> Column(size_t c) const {
    std::vector<double> out;
    for (size_t r = 0; r < rows; ++r) out.push_back(values[r * cols + c]);
    return out;
  }
};

Table Read(const std::string& name) {
  std::string path = AIOPS_TESTDATA;
  path.append("/forest/").append(name);
  std::ifstream file(path);
  Table table;
  for (std::string line; std::getline(file, line); ++table.rows) {
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');)
      table.values.push_back(std::atof(field.c_str()));
  }
  if (table.rows > 0) table.cols = table.values.size() / table.rows;
  return table;
}

using Scores = std::vector<std::vector<double>>;  // one vector per seed

double MeanWithin(const Scores& scores) {
  double sum = 0;
  int pairs = 0;
  for (size_t a = 0; a < scores.size(); ++a)
    for (size_t b = a + 1; b < scores.size(); ++b, ++pairs)
      sum += RankCorrelation(scores[a], scores[b]);
  return sum / pairs;
}

double MeanBetween(const Scores& ours, const Scores& theirs) {
  double sum = 0;
  for (const auto& a : ours)
    for (const auto& b : theirs) sum += RankCorrelation(a, b);
  return sum / static_cast<double>(ours.size() * theirs.size());
}

struct Case {
  std::string set;
  int trees;
  size_t first_column;
};

class SklearnForest : public testing::TestWithParam<Case> {};

TEST_P(SklearnForest, RanksAsScikitLearnDoesFromSeedToSeed) {
  const auto [set, trees, first_column] = GetParam();
  const Table data = Read(set + ".csv");
  const Table recorded = Read(set + ".scores.csv");
  ASSERT_EQ(data.rows, 1000u);
  ASSERT_EQ(recorded.rows, data.rows);
  ASSERT_EQ(recorded.cols, 2 * kSeeds);
  const MatrixView rows{data.values.data(), data.rows, data.cols};
  Scores ours;
  Scores theirs;
  double difference = 0;  // of the mean scores: the same ranks at another scale would be no match
  for (size_t seed = 0; seed < kSeeds; ++seed) {
    const auto forest = IsolationForest::Fit(rows, {.n_estimators = trees, .seed = seed + 1});
    ours.push_back(forest->ScoreAll(rows));
    theirs.push_back(recorded.Column(first_column + seed));
    for (size_t i = 0; i < data.rows; ++i)
      difference +=
          (ours[seed][i] - theirs[seed][i] / 1e4) / static_cast<double>(data.rows * kSeeds);
  }
  const double within = MeanWithin(theirs);
  const double between = MeanBetween(ours, theirs);
  std::printf("%-8s %4d trees: scikit-learn with itself %.4f, we with it %.4f, mean score %+.4f\n",
              set.c_str(), trees, within, between, difference);
  EXPECT_GE(between, within - 0.01);
  EXPECT_NEAR(difference, 0, 0.01);
}

INSTANTIATE_TEST_SUITE_P(All, SklearnForest,
                         testing::Values(Case{"server", 100, 0}, Case{"server", 1000, kSeeds},
                                         Case{"clusters", 100, 0}, Case{"clusters", 1000, kSeeds},
                                         Case{"smd", 100, 0}, Case{"smd", 1000, kSeeds}),
                         [](const auto& test) {
                           return test.param.set + "_" + std::to_string(test.param.trees);
                         });

}  // namespace
}  // namespace aiops
