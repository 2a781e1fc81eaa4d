#include <algorithm>

#include "config/readers.h"
#include "config/values.h"

namespace aiops {
namespace {

// Five minutes, or the next whole multiple of the base tick.
Duration DefaultInterval(Duration collect_interval) {
  const Duration wanted = minutes(5);
  return (wanted + collect_interval - Duration(1)) / collect_interval * collect_interval;
}

EwmaConfig ReadEwma(const Section& ewma) {
  EwmaConfig config;
  config.lambda = ewma.Number("lambda", 0.2,
                              {.help = "Weight of the newest sample in the moving average.",
                               .min = "0.001",
                               .max = "1",
                               .env = "AGENT_EWMA_LAMBDA"});
  config.sigma =
      ewma.Number("sigma", 3,
                  {.help = "Deviations beyond so many standard deviations are EWMA anomalies.",
                   .min = "0.5",
                   .max = "100",
                   .env = "AGENT_EWMA_SIGMA"});
  config.sigma_floor_relative = ewma.Number(
      "floor_relative", 0.02,
      {.help = "The standard deviation counts as at least this share of the mean's magnitude.",
       .min = "0",
       .max = "1"});
  config.sigma_floor_absolute =
      ewma.Number("floor_absolute", 1e-6,
                  {.help = "The standard deviation counts as at least this, in the feature's unit.",
                   .min = "0"});
  return config;
}

// Thresholds: WARNING is the 1-c quantile of the training scores, CRITICAL the 1-c/5 quantile.
void ReadContamination(const Section& forest, ForestConfig& config) {
  config.contamination =
      forest.Number("contamination", 0.05,
                    {.help = "Share of training samples beyond the WARNING threshold.",
                     .min = "0.0001",
                     .max = "0.5",
                     .env = "AGENT_ANOMALY_CONTAMINATION"});
  config.critical_contamination = forest.Number(
      "critical_contamination", config.contamination / 5,
      {.help = "Share of training samples beyond the CRITICAL threshold; by default a fifth of "
               "contamination.",
       .min = "0.00001",
       .max = "0.5"});
  if (config.critical_contamination > config.contamination)
    forest.Report(
        "critical_contamination",
        Found(ValueType<double>::Format(config.critical_contamination),
              "at most contamination (" + ValueType<double>::Format(config.contamination) + ")"));
}

ForestConfig ReadForest(const Section& forest, Duration retention) {
  ForestConfig config{};
  config.n_estimators = static_cast<int>(
      forest.Int("n_estimators", 100, {.help = "Number of trees.", .min = "1", .max = "5000"}));
  config.max_samples = static_cast<int>(forest.Int(
      "max_samples", 256, {.help = "Samples drawn for each tree.", .min = "2", .max = "100000"}));
  ReadContamination(forest, config);
  config.window = forest.Duration("window", hours(24 * 7),
                                  {.help = "How far back training samples reach.", .min = "1m"});
  if (config.window > retention)
    forest.Report("window", Found(FormatDuration(config.window),
                                  "at most store.retention (" + FormatDuration(retention) + ")"));
  config.min_samples = static_cast<int>(forest.Int(
      "min_samples", 256,
      {.help = "With fewer samples no model is trained.", .min = "2", .max = "1000000"}));
  config.seed = static_cast<std::uint64_t>(
      forest.Int("seed", 42, {.help = "Seed of all randomness in training.", .min = "0"}));
  config.shared_above = static_cast<int>(forest.Int(
      "shared_above", 100,
      {.help = "A scope of more entities than this shares one forest in `calibrated` mode; each "
               "entity keeps its own calibration.",
       .min = "1",
       .max = "1000000000"}));
  return config;
}

Duration ReadInterval(const Section& detect, Duration collect_interval) {
  const auto interval = detect.Duration(
      "interval", DefaultInterval(collect_interval),
      {.help = "How often all new samples are judged; a whole multiple of collect.interval.",
       .min = "1s",
       .max = "1d",
       .env = "AGENT_DETECT_INTERVAL_MINUTES",
       .env_unit = "m"});
  if (interval % collect_interval != Duration(0))
    detect.Report("interval",
                  Found(FormatDuration(interval), "a whole multiple of collect.interval (" +
                                                      FormatDuration(collect_interval) + ")"));
  return interval;
}

void ReadPatience(const Section& detect, DetectConfig& config) {
  config.warmup_samples = static_cast<int>(
      detect.Int("warmup_samples", 20,
                 {.help = "Samples before EWMA judges; until then the verdict is unknown.",
                  .min = "2",
                  .max = "100000"}));
  config.min_coverage = detect.Number(
      "min_coverage", 0.5,
      {.help = "With a smaller share of the scope's features present the verdict is unknown.",
       .min = "0",
       .max = "1"});
  config.persistence = static_cast<int>(
      detect.Int("persistence", 1,
                 {.help = "So many samples in alert in a row make a WARNING; CRITICAL never waits.",
                  .min = "1",
                  .max = "1000"}));
  config.close_after = static_cast<int>(detect.Int(
      "close_after", 3,
      {.help = "So many quiet samples in a row close an anomaly.", .min = "1", .max = "10000"}));
  config.boot_grace =
      detect.Duration("boot_grace", minutes(5),
                      {.help = "After the machine's boot samples are judged, but no anomaly opens.",
                       .min = "0s",
                       .max = "1d"});
}

std::bitset<kPartNames.size()> ReadWithout(const Section& calibrated) {
  std::bitset<kPartNames.size()> without;
  const std::vector<std::string> known(kPartNames.begin(), kPartNames.end());
  for (const auto& name : calibrated.Strings(
           "without", {},
           {.help = "Parts of the calibrated score that are switched off: " + Join(known, ", ") +
                    "."})) {
    const auto part = std::find(kPartNames.begin(), kPartNames.end(), name);
    if (part == kPartNames.end()) {
      const std::string nearest = Nearest(name, known);
      calibrated.Report("without", Found(name, "names of parts") +
                                       (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    } else {
      without.set(static_cast<size_t>(part - kPartNames.begin()));
    }
  }
  return without;
}

}  // namespace

DetectConfig ReadDetect(const Section& detect, Duration collect_interval, Duration retention) {
  DetectConfig config{};
  config.interval = ReadInterval(detect, collect_interval);
  config.mode = detect.Choice(
      "mode", "calibrated", {"calibrated", "plain"},
      {.help = "What fills the forest's cell of the verdict's table: a joint score calibrated on "
               "training, or the plain forest."});
  config.sensitivity = detect.Choice(
      "sensitivity", "normal", {"low", "normal", "high"},
      {.help = "How easily the calibrated score alerts: low tells less and later, high more."});
  config.without = ReadWithout(
      detect.Child("calibrated", "The joint score of mode `calibrated` (docs/detection.md)."));
  ReadPatience(detect, config);
  config.train_schedule = ReadCron(
      detect, "train_schedule", "0 3 * * 0",
      {.help = "When models are trained anew: minute hour day month weekday, in `timezone`."});
  config.ewma = ReadEwma(detect.Child("ewma", "The moving average and band of each feature."));
  config.forest = ReadForest(
      detect.Child("isolation_forest", "The forest over all features of a scope."), retention);
  return config;
}

}  // namespace aiops
