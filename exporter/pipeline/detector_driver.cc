#include "pipeline/detector_driver.h"

#include <algorithm>

#include "config/zone_rules.h"

namespace aiops {
namespace {

// Measured in docs/detection.md.
double GainOf(const std::string& sensitivity) {
  return sensitivity == "low" ? 0.8 : sensitivity == "high" ? 1.15 : 1;
}

// Counts become rates, as the counting feature is one.
FeatureRule RuleOf(const Feature& feature, const Scope& scope, double interval_seconds) {
  FeatureRule rule;
  rule.direction = feature.direction;
  rule.min_deviation = feature.min_deviation;
  rule.min_relative_deviation = feature.min_relative_deviation;
  rule.least = feature.least;
  rule.most = feature.most;
  const auto counts = [&](const Feature& f) { return f.name == feature.counted_by; };
  const auto counter = std::find_if(scope.features.begin(), scope.features.end(), counts);
  if (feature.counted_by.empty() || counter == scope.features.end()) return rule;
  rule.counted_by = static_cast<size_t>(counter - scope.features.begin());
  // Less the least bit: so many events in an interval are enough, whatever the division does.
  rule.min_count = feature.min_count / interval_seconds * (1 - 1e-9);
  return rule;
}

}  // namespace

DetectorOptions DetectorOptionsFor(const Config& config, const Scope& scope) {
  const DetectConfig& d = config.detect;
  DetectorOptions options;
  options.mode = d.mode == "plain" ? DetectorMode::kPlain : DetectorMode::kCalibrated;
  options.calibrated.without = d.without;
  options.calibrated.gain = GainOf(d.sensitivity);
  options.calibrated.interval = std::max(scope.interval, config.collect.interval);
  options.ewma = {d.ewma.lambda, d.ewma.sigma, d.warmup_samples, d.ewma.sigma_floor_relative,
                  d.ewma.sigma_floor_absolute};
  options.forest = {d.forest.n_estimators, d.forest.max_samples, d.forest.contamination,
                    d.forest.critical_contamination, d.forest.seed};
  options.min_coverage = d.min_coverage;
  options.persistence = d.persistence;
  for (const auto& feature : scope.features)
    options.features.push_back(RuleOf(feature, scope, Seconds(options.calibrated.interval)));
  return options;
}

Moment MomentOf(Time time, const TimeZone& zone) {
  constexpr Duration kThursday = hours(3 * 24);  // 1 January 1970 was one
  const Time local = ZoneRules(zone).ToLocal(time) + kThursday;
  return {time, local - FloorTo(local, hours(7 * 24))};
}

Score JudgeThenLearn(Detector& detector, std::span<const double> values, const Moment& at,
                     std::uint32_t flags) {
  Score score = detector.Judge(values, at);
  detector.Learn(values, at, score, flags);
  return score;
}

Score JudgeThenLearn(Detector& detector, const Sample& sample, const TimeZone& zone) {
  return JudgeThenLearn(detector, sample.values, MomentOf(sample.time, zone), sample.flags);
}

void TrainingRows::Add(const Sample& sample, const TimeZone& zone) {
  values.insert(values.end(), sample.values.begin(), sample.values.end());
  moments.push_back(MomentOf(sample.time, zone));
}

Result<std::unique_ptr<Detector>> FitDetector(const TrainingRows& rows) {
  auto detector = MakeDetector(rows.options);
  AIOPS_TRY_VOID(
      detector->Fit({rows.values.data(), rows.size(), rows.options.features.size()}, rows.moments));
  return detector;
}

bool Sees(std::string_view model, const Incident& incident) {
  const TrainingRows& rows = incident.rows;
  const size_t width = rows.options.features.size();
  const auto detector = MakeDetector(rows.options);
  if (!detector->RestoreModel(model)) return false;
  bool seen = false;
  for (size_t row = 0; row < rows.size(); ++row) {
    const bool within = row >= incident.before;
    // Of the past, so that no budget of alerts is touched.
    const Score score =
        JudgeThenLearn(*detector, std::span(rows.values).subspan(row * width, width),
                       rows.moments[row], within ? kBackfill | kConfirmedReal : kBackfill);
    seen = seen || (within && score.score >= 1);
  }
  return seen;
}

Result<size_t> AlertsOnHeldOut(const TrainingRows& rows, size_t held) {
  const size_t width = rows.options.features.size();
  const size_t seen = rows.size() - held;
  const auto detector = MakeDetector(rows.options);
  AIOPS_TRY_VOID(
      detector->Fit({rows.values.data(), seen, width}, std::span(rows.moments).first(seen)));
  size_t alerts = 0;
  for (size_t row = seen; row < rows.size(); ++row) {
    const auto values = std::span(rows.values).subspan(row * width, width);
    const Score score = JudgeThenLearn(*detector, values, rows.moments[row], 0);
    alerts += score.verdict >= Verdict::kWarning ? 1 : 0;
  }
  return alerts;
}

}  // namespace aiops
