// What the detectors cost. Seven days of one-minute samples of eleven features, the shipped
// options.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <vector>

#include "detectors/detector.h"
#include "detectors/isolation_forest.h"
#include "detectors/random.h"

namespace aiops {
namespace {

constexpr size_t kWeek = 7 * 24 * 60;
constexpr size_t kFeatures = 11;

// A daily wave and noise, each feature at a scale of its own.
const std::vector<double>& Week() {
  static const std::vector<double> week = [] {
    Xoshiro256pp random(1);
    std::vector<double> values;
    for (size_t i = 0; i < kWeek; ++i) {
      const double wave = std::sin(static_cast<double>(i) / 1440 * 6.283);
      for (size_t f = 0; f < kFeatures; ++f) {
        const double noise = random.Uniform() + random.Uniform() + random.Uniform();
        values.push_back((10 + 3 * wave + noise) * std::pow(10.0, static_cast<double>(f % 5)));
      }
    }
    return values;
  }();
  return week;
}

MatrixView Rows() { return {Week().data(), kWeek, kFeatures}; }

DetectorOptions Options() {
  DetectorOptions options;
  options.features.resize(kFeatures);
  return options;
}

void FitForest(benchmark::State& state) {
  size_t bytes = 0;
  for (auto _ : state) {
    const auto forest =
        IsolationForest::Fit(Rows(), {.n_estimators = static_cast<int>(state.range(0))});
    bytes = forest->bytes();
    benchmark::DoNotOptimize(forest);
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(FitForest)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void ScoreWeek(benchmark::State& state) {
  const auto forest = IsolationForest::Fit(Rows(), {});
  for (auto _ : state) benchmark::DoNotOptimize(forest->ScoreAll(Rows()));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kWeek));
}
BENCHMARK(ScoreWeek)->Unit(benchmark::kMillisecond);

void ScoreRow(benchmark::State& state) {
  const auto forest = IsolationForest::Fit(Rows(), {});
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(forest->Score(Rows().Row(i++ % kWeek)));
}
BENCHMARK(ScoreRow)->Unit(benchmark::kMicrosecond);

// The forest and its thresholds, which need the scores of all training rows.
void FitDetector(benchmark::State& state) {
  const auto detector = MakeHybridDetector(Options());
  for (auto _ : state) benchmark::DoNotOptimize(detector->Fit(Rows(), {}));
}
BENCHMARK(FitDetector)->Unit(benchmark::kMillisecond);

void JudgeAndLearn(benchmark::State& state) {
  const auto detector = MakeHybridDetector(Options());
  if (state.range(0) != 0 && !detector->Fit(Rows(), {})) state.SkipWithError("fit failed");
  size_t i = 0;
  for (auto _ : state) {
    const auto row = Rows().Row(i++ % kWeek);
    const Score score = detector->Judge(row, {});
    detector->Learn(row, {}, score, 0);
    benchmark::DoNotOptimize(score);
  }
}
BENCHMARK(JudgeAndLearn)->ArgName("model")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void RestoreModel(benchmark::State& state) {
  const auto detector = MakeHybridDetector(Options());
  if (!detector->Fit(Rows(), {})) state.SkipWithError("fit failed");
  const std::string blob = detector->SnapshotModel();
  for (auto _ : state) benchmark::DoNotOptimize(detector->RestoreModel(blob));
  state.counters["bytes"] = static_cast<double>(blob.size());
}
BENCHMARK(RestoreModel)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aiops
