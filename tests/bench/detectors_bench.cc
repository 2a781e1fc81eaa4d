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

const std::vector<Moment>& Moments() {
  static const std::vector<Moment> moments = [] {
    std::vector<Moment> out(kWeek);
    for (size_t i = 0; i < kWeek; ++i) {
      out[i].time += minutes(i);
      out[i].of_week = minutes(i % 10'080);
    }
    return out;
  }();
  return moments;
}

DetectorOptions Options(DetectorMode mode) {
  DetectorOptions options;
  options.mode = mode;
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

// Argument 0: plain, 1: calibrated.
std::unique_ptr<Detector> DetectorOf(const benchmark::State& state) {
  return MakeDetector(
      Options(state.range(0) != 0 ? DetectorMode::kCalibrated : DetectorMode::kPlain));
}

// The model and its thresholds, which need the scores of all training rows.
void FitDetector(benchmark::State& state) {
  const auto detector = DetectorOf(state);
  for (auto _ : state) benchmark::DoNotOptimize(detector->Fit(Rows(), Moments()));
}
BENCHMARK(FitDetector)->ArgName("calibrated")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void JudgeWeek(benchmark::State& state, Detector& detector) {
  size_t i = 0;
  for (auto _ : state) {
    const auto row = Rows().Row(i % kWeek);
    const Moment& at = Moments()[i++ % kWeek];
    const Score score = detector.Judge(row, at);
    detector.Learn(row, at, score, 0);
    benchmark::DoNotOptimize(score);
  }
}

void JudgeAndLearn(benchmark::State& state) {
  const auto detector = DetectorOf(state);
  if (!detector->Fit(Rows(), Moments())) state.SkipWithError("fit failed");
  JudgeWeek(state, *detector);
  state.counters["state_bytes"] = static_cast<double>(detector->SnapshotState().size());
}
BENCHMARK(JudgeAndLearn)->ArgName("calibrated")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void JudgeAndLearnWithoutModel(benchmark::State& state) {
  const auto detector = MakeHybridDetector(Options(DetectorMode::kPlain));
  JudgeWeek(state, *detector);
}
BENCHMARK(JudgeAndLearnWithoutModel)->Unit(benchmark::kMicrosecond);

void RestoreModel(benchmark::State& state) {
  const auto detector = DetectorOf(state);
  if (!detector->Fit(Rows(), Moments())) state.SkipWithError("fit failed");
  const std::string blob = detector->SnapshotModel();
  for (auto _ : state) benchmark::DoNotOptimize(detector->RestoreModel(blob));
  state.counters["bytes"] = static_cast<double>(blob.size());
}
BENCHMARK(RestoreModel)->ArgName("calibrated")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aiops
