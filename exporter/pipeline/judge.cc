#include "pipeline/judge.h"

#include <algorithm>

#include "base/log.h"

namespace aiops {
namespace {

constexpr Duration kRemembered = hours(24);  // an entity without a sample for so long has gone
constexpr size_t kReplayed = 1440;           // samples that rebuild a lost streaming state

Score Silent(Score score, Gate gate) {
  if (score.verdict >= Verdict::kLogOnly) score.gate = gate;
  return score;
}

}  // namespace

std::string StateName(const EntityKey& key) {
  return "state\x1f" + key.scope + "\x1f" + key.entity;
}
std::string ModelName(const EntityKey& key) {
  return "model\x1f" + key.scope + "\x1f" + key.entity;
}

Judge::Judge(const Config& config) : config_(config) {}

const Scope* Judge::FindScope(const std::string& name) const {
  for (const auto& scope : config_.scopes)
    if (scope.name == name) return &scope;
  return nullptr;
}

DetectorOptions Judge::OptionsFor(const Scope& scope) const {
  const DetectConfig& d = config_.detect;
  DetectorOptions options;
  options.ewma = {d.ewma.lambda, d.ewma.sigma, d.warmup_samples, d.ewma.sigma_floor_relative,
                  d.ewma.sigma_floor_absolute};
  options.forest = {d.forest.n_estimators, d.forest.max_samples, d.forest.contamination,
                    d.forest.critical_contamination, d.forest.seed};
  options.min_coverage = d.min_coverage;
  for (const auto& feature : scope.features)
    options.features.push_back({feature.direction, feature.min_deviation});
  return options;
}

EntityState& Judge::At(const EntityKey& key) {
  auto [it, fresh] = entities_.try_emplace(key);
  if (fresh) {
    it->second.scope = FindScope(key.scope);
    AIOPS_CHECK(it->second.scope != nullptr);
    it->second.detector = MakeHybridDetector(OptionsFor(*it->second.scope));
  }
  return it->second;
}

void Judge::Add(Sample sample, const Labels& labels) {
  EntityState& entity = At(sample.key);
  if (sample.time <= entity.watermark) return;  // judged before: a repeated backfill
  if (!labels.empty()) entity.labels = labels;
  entity.last_sample = std::max(entity.last_sample, sample.time);
  const auto place = std::upper_bound(entity.waiting.begin(), entity.waiting.end(), sample.time,
                                      [](Time t, const Sample& s) { return t < s.time; });
  entity.waiting.insert(place, std::move(sample));
}

std::vector<Judged> Judge::Round() {
  std::vector<Judged> out;
  for (auto& [key, entity] : entities_) {
    if (entity.waiting.empty()) continue;
    entity.round_verdict = Verdict::kUnknown;
    for (const Sample& sample : entity.waiting) {
      Score score = entity.detector->Judge(sample.values);
      entity.detector->Learn(sample.values, score, sample.flags);
      if (sample.flags & kBackfill)
        score = Silent(std::move(score), Gate::kBackfill);
      else
        entity.round_verdict = std::max(entity.round_verdict, score.verdict);
      entity.watermark = sample.time;
      out.push_back({entity.scope, key, entity.labels, sample.time, sample.flags, score});
      entity.last = std::move(score);
    }
    entity.waiting.clear();
  }
  return out;
}

std::vector<StateBlob> Judge::Snapshots() const {
  std::vector<StateBlob> out;
  for (const auto& [key, entity] : entities_) {
    if (entity.watermark == Time{}) continue;
    out.push_back({StateName(key), SchemaHash(*entity.scope), entity.watermark,
                   entity.detector->SnapshotState()});
  }
  return out;
}

void Judge::Forget(Time time) {
  std::erase_if(entities_, [&](const auto& entry) {
    const EntityState& e = entry.second;
    return !e.scope->entity_labels.empty() && e.last_sample != Time{} && e.last_sample < time;
  });
}

std::optional<StateBlob> Judge::Adopt(const EntityKey& key, const Detector& fitted, Time now) {
  const auto it = entities_.find(key);
  if (it == entities_.end()) return std::nullopt;
  it->second.detector->Adopt(fitted);
  it->second.trained_at = now;
  return StateBlob{ModelName(key), SchemaHash(*it->second.scope), now, fitted.SnapshotModel()};
}

Result<void> Judge::Restore(const Store& store, Time now) {
  for (const auto& scope : config_.scopes) {
    AIOPS_TRY(const auto rows, store.ReadEntities(scope.name, now - kRemembered));
    for (const auto& row : rows) {
      EntityState& entity = At(row.key);
      const std::uint64_t schema = SchemaHash(scope);
      entity.labels = row.labels;
      entity.last_sample = row.last_sample;
      AIOPS_TRY(const auto state, store.ReadState(StateName(row.key)));
      AIOPS_TRY(const auto model, store.ReadState(ModelName(row.key)));
      const bool known = state && state->schema == schema &&
                         entity.detector->RestoreState(state->value).has_value();
      if (known) entity.watermark = state->watermark;
      if (model && model->schema == schema && entity.detector->RestoreModel(model->value))
        entity.trained_at = model->watermark;
      SampleQuery query{row.key, entity.watermark, now, schema, known ? size_t{0} : kReplayed};
      AIOPS_TRY(auto samples, store.ReadSamples(query));
      for (auto& sample : samples) {
        // Without a state the past is learned again, in silence.
        if (!known) sample.flags |= kBackfill;
        Add(std::move(sample), row.labels);
      }
      if (state && !known)
        LogInfo("the features changed: learning again from stored samples",
                {{"scope", scope.name}, {"entity", row.key.entity}});
    }
  }
  return {};
}

}  // namespace aiops
