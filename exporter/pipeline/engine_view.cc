// What the engine shows of itself.
#include <algorithm>
#include <set>

#include "pipeline/engine.h"

namespace aiops {
namespace {

constexpr size_t kMostNamed = 3;

std::string Percent(double share) { return std::to_string(static_cast<int>(share * 100)) + " %"; }

// "a, b, c and 4 more"
template <class Names>
std::string Listed(const Names& names) {
  std::string out;
  size_t named = 0;
  for (const std::string& name : names) {
    if (named++ < kMostNamed) out += (out.empty() ? "" : ", ") + name;
  }
  return out + (named > kMostNamed ? " and " + std::to_string(named - kMostNamed) + " more" : "");
}

// Their sources may know why; only what nobody measures is to be switched off.
std::string TooFewValues(const EntityState& entity, double needed) {
  std::vector<std::string> missing;
  std::set<std::string> sources;
  const auto& features = entity.scope->features;
  for (size_t i = 0; i < std::min(features.size(), entity.last.features.size()); ++i) {
    if (!IsMissing(entity.last.features[i].value)) continue;
    missing.push_back(features[i].name);
    if (!features[i].source.empty()) sources.insert(features[i].source);
  }
  return "too few features have values: " + Percent(entity.last.coverage) + ", " + Percent(needed) +
         " are needed, without one: " + Listed(missing) +
         (sources.empty() ? "" : "; see first the notes of " + Listed(sources)) +
         "; what nothing here measures: scopes." + entity.scope->name +
         ".features.NAME.enabled: false";
}

std::string Due(const Config& config, Time now) {
  const Duration step = config.detect.interval;
  return "has not run yet" +
         (now == Time{} ? "" : "; it is due at " + FormatTime(FloorTo(now, step) + step));
}

std::string Reason(const EntityState& entity, const Config& config, Time now) {
  if (entity.last_sample == Time{}) return "no sample yet";
  if (IsSilent(entity, now))
    return "no sample since " + FormatTime(FloorTo(entity.last_sample, seconds(1)));
  if (!entity.judged) return "the first round since the start, or the reload, " + Due(config, now);
  if (entity.round_verdict != Verdict::kUnknown) return "";
  if (entity.last.gate == Gate::kCoverage) return TooFewValues(entity, config.detect.min_coverage);
  if (entity.last.gate == Gate::kWarmup)
    return "warming up: " + Percent(entity.last.warmup) + " of " +
           std::to_string(config.detect.warmup_samples) + " samples";
  return "only samples of the past were judged";
}

// While it warms up: when the missing samples will have come.
std::optional<Time> ReadyAt(const EntityState& entity, const Config& config) {
  if (!entity.judged || entity.last.gate == Gate::kCoverage) return std::nullopt;
  const double left = (1 - entity.last.warmup) * config.detect.warmup_samples;
  if (left <= 0) return entity.watermark;
  return entity.watermark + Duration(static_cast<std::int64_t>(
                                left * static_cast<double>(entity.scope->interval.count())));
}

// Until a round has judged it the newest values are shown unjudged.
Score Unjudged(const EntityState& entity) {
  Score score;
  score.coverage = score.warmup = kMissing;
  if (entity.waiting.empty()) return score;
  for (const double value : entity.waiting.back().values) {
    score.features.emplace_back();
    score.features.back().value = value;
  }
  score.coverage = Coverage(entity.waiting.back().values);
  return score;
}

}  // namespace

void Engine::FillEntities(View& view) const {
  for (const auto& [key, entity] : judge_.entities()) {
    if (HasVanished(entity, newest_)) continue;
    const bool says = entity.judged && !IsSilent(entity, newest_);
    EntityView e;
    e.key = key;
    e.labels = entity.labels;
    if (says) {
      e.learned = entity.round_verdict;
      e.judged_at = e.sampled_at = entity.watermark;
      e.score = entity.last;
      e.learned_score = e.learned < Verdict::kWarning ? entity.last.score : entity.round_score;
      e.ready_at = ReadyAt(entity, config_);
    } else {
      if (!entity.waiting.empty()) e.sampled_at = entity.waiting.back().time;
      e.score = Unjudged(entity);
    }
    e.verdict = e.learned;
    e.reason = Reason(entity, config_, std::max(newest_, view.built_at));
    e.model = entity.detector->model();
    e.trust = TrustIn(entity);
    e.in_use = entity.in_use;
    view.entities.push_back(std::move(e));
  }
}

std::shared_ptr<const ModelRecord> Engine::NewestModel() const {
  std::shared_ptr<const ModelRecord> newest;
  for (const auto& [key, entity] : judge_.entities())
    if (entity.in_use && (!newest || entity.in_use->trained_at > newest->trained_at))
      newest = entity.in_use;
  return newest;
}

bool Engine::Watches(const Silence& silence) const {
  if (silence.entity.empty()) return true;
  for (const auto& [key, entity] : judge_.entities())
    if (silence.Concerns(key)) return true;
  const auto open = tracker_.open();
  return std::any_of(open.begin(), open.end(),
                     [&](const Anomaly& a) { return silence.Concerns(a.key); });
}

// All that hold, and those that are still open.
void Engine::FillFacts(View& view) const {
  std::map<std::tuple<EntityKey, std::string, std::string>, Severity> active;
  for (const TrackedFact& f : facts_) active[{f.key, f.fact.name, f.fact.object}] = f.fact.severity;
  for (const Anomaly& a : view.open)
    if (a.kind == AnomalyKind::kFact) active[{a.key, a.fact, a.object}] = a.severity;
  for (const auto& [subject, severity] : active) {
    const auto& [key, name, object] = subject;
    view.facts.push_back({key, name, object, severity});
  }
}

void Engine::Fill(View& view) const {
  view.scopes = config_.scopes;
  FillEntities(view);
  view.open = tracker_.open();
  view.silences = silences_.Pending(std::max(newest_, view.built_at));
  view.past_silences = silences_.Past(std::max(newest_, view.built_at));
  FillFacts(view);
  for (const Anomaly& a : view.open) {
    if (a.kind != AnomalyKind::kFact) continue;
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
  view.groups = groups_;
  view.anomalies_total = tracker_.opened_total();
  view.gated_total = gated_total_;
  view.log_only_total = log_only_total_;
  view.trainings_total = trainings_total_;
  view.store = store_.health();
  view.store_backlog = journal_.backlog();
  view.store_dropped = journal_.dropped();
  // It may have taken something small since; what waits says that it does not work.
  view.store.up = view.store.up && view.store_backlog == 0;
  view.rounds_total = rounds_;
  view.last_round = last_round_;
  view.last_training_duration = last_training_;
}

}  // namespace aiops
