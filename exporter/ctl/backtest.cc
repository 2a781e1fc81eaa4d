#include "ctl/backtest.h"

#include <algorithm>

#include "pipeline/detector_driver.h"

namespace aiops {

Scope ScopeOf(const CsvTable& table, const Config& config, Duration interval) {
  Scope scope;
  scope.name = "backtest";
  scope.interval = interval;
  for (const auto& name : table.features) {
    Feature feature;
    for (const Scope& configured : config.scopes)
      for (const Feature& known : configured.features)
        if (known.name == name) feature = known;
    feature.name = name;
    scope.features.push_back(std::move(feature));
  }
  return scope;
}

Duration UsualInterval(const CsvTable& table) {
  std::vector<Duration> steps;
  for (size_t i = 1; i < table.rows(); ++i) steps.push_back(table.times[i] - table.times[i - 1]);
  if (steps.empty()) return minutes(1);
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return std::max<Duration>(*middle, seconds(1));
}

std::string Backtest(const Config& config, const CsvTable& table, const BacktestOptions& options,
                     const Scored& scored, const Progress& progress) {
  const Scope scope = ScopeOf(table, config, options.interval);
  TrainingRows rows{DetectorOptionsFor(config, scope), {}, {}};
  const auto detector = MakeDetector(rows.options);
  const size_t width = table.features.size();
  std::string untrained;
  Sample sample;
  for (size_t row = 0; row < table.rows() && progress(row); ++row) {
    if (row == options.train_rows) {
      const auto fitted = FitDetector(rows);
      if (fitted) detector->Adopt(**fitted);
      if (!fitted) untrained = fitted.error().message;
      rows = {};
    }
    sample.time = table.times[row];
    const auto begin = table.values.begin() + static_cast<std::ptrdiff_t>(row * width);
    sample.values.assign(begin, begin + static_cast<std::ptrdiff_t>(width));
    const Score score = JudgeThenLearn(*detector, sample, config.timezone);
    if (row < options.train_rows) {
      rows.Add(sample, config.timezone);
    } else {
      scored(row, score);
    }
  }
  return untrained;
}

}  // namespace aiops
