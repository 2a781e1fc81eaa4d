// What the engine shows of itself.
#include <algorithm>

#include "pipeline/engine.h"

namespace aiops {
namespace {

std::string Reason(const EntityState& entity, const Config& config) {
  if (entity.last_sample == Time{}) return "no sample yet";
  if (entity.watermark == Time{}) return "the first round has not run yet";
  if (entity.last.verdict != Verdict::kUnknown) return "";
  if (entity.last.gate == Gate::kCoverage)
    return "too few features have values: " +
           std::to_string(static_cast<int>(entity.last.coverage * 100)) + " % of them, " +
           std::to_string(static_cast<int>(config.detect.min_coverage * 100)) + " % are needed";
  if (entity.last.gate == Gate::kWarmup)
    return "warming up: " + std::to_string(static_cast<int>(entity.last.warmup * 100)) + " % of " +
           std::to_string(config.detect.warmup_samples) + " samples";
  return "not judged";
}

// While it warms up: when the missing samples will have come.
std::optional<Time> ReadyAt(const EntityState& entity, const Config& config) {
  if (entity.watermark == Time{} || entity.last.gate == Gate::kCoverage) return std::nullopt;
  const double left = (1 - entity.last.warmup) * config.detect.warmup_samples;
  if (left <= 0) return entity.watermark;
  return entity.watermark + Duration(static_cast<std::int64_t>(
                                left * static_cast<double>(entity.scope->interval.count())));
}

}  // namespace

void Engine::FillEntities(View& view) const {
  for (const auto& [key, entity] : judge_.entities()) {
    EntityView e;
    e.key = key;
    e.labels = entity.labels;
    e.learned = entity.round_verdict;
    e.verdict = e.learned;
    e.reason = Reason(entity, config_);
    e.judged_at = entity.watermark;
    e.score = entity.last;
    e.ready_at = ReadyAt(entity, config_);
    e.model = entity.detector->model();
    e.trained_at = entity.trained_at;
    // Until the first round the newest values are shown unjudged.
    if (entity.watermark == Time{} && !entity.waiting.empty()) {
      for (const double value : entity.waiting.back().values) {
        FeatureScore f;
        f.value = value;
        e.score.features.push_back(f);
      }
      e.score.coverage = Coverage(entity.waiting.back().values);
    }
    view.entities.push_back(std::move(e));
  }
}

void Engine::Fill(View& view) const {
  view.scopes = config_.scopes;
  FillEntities(view);
  view.open = tracker_.open();
  for (const Anomaly& a : view.open) {
    if (a.kind != AnomalyKind::kFact) continue;
    view.facts.push_back({a.key, a.fact, a.object, a.severity});
    auto it = std::find_if(view.entities.begin(), view.entities.end(),
                           [&](const EntityView& e) { return e.key == a.key; });
    if (it == view.entities.end()) {
      EntityView e;
      e.key = a.key;
      e.labels = a.labels;
      it = view.entities.insert(
          std::upper_bound(view.entities.begin(), view.entities.end(), a.key,
                           [](const EntityKey& k, const EntityView& v) { return k < v.key; }),
          std::move(e));
    }
    it->verdict = std::max(it->verdict, ToVerdict(a.severity));
  }
  view.anomalies_total = tracker_.opened_total();
  view.gated_total = gated_total_;
  view.log_only_total = log_only_total_;
  view.store = store_.health();
  view.store_backlog = journal_.backlog();
  view.rounds_total = rounds_;
  view.last_round = last_round_;
  view.last_training_duration = last_training_;
}

}  // namespace aiops
