#include "pipeline/judge.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/log.h"
#include "model/band.h"
#include "pipeline/detector_driver.h"

namespace aiops {
namespace {

constexpr Duration kRemembered = hours(24);  // an entity without a sample for so long has gone
constexpr size_t kReplayed = 1440;           // samples that rebuild a lost streaming state
constexpr Duration kStale = minutes(15);     // older is history: not alerted about, not shown

Score Silent(Score score, Gate gate) {
  if (score.verdict >= Verdict::kLogOnly) score.gate = gate;
  return score;
}

}  // namespace

std::string StateName(const EntityKey& key) {
  return "state\x1f" + key.scope + "\x1f" + key.entity;
}

void FlagCoverage(Sample& sample, double min_coverage) {
  sample.flags &= ~kLowCoverage;
  if (Coverage(sample.values) < min_coverage) sample.flags |= kLowCoverage;
}

bool IsSilent(const EntityState& entity, Time now) {
  return entity.last_sample != Time{} && entity.last_sample + 3 * entity.scope->interval < now;
}
bool HasVanished(const EntityState& entity, Time now) {
  return !entity.scope->entity_labels.empty() && IsSilent(entity, now) &&
         entity.last_sample + kStale < now;
}

Judge::Judge(const Config& config, const Store& store) : config_(config), store_(store) {}

const Scope* Judge::FindScope(const std::string& name) const {
  for (const auto& scope : config_.scopes)
    if (scope.name == name) return &scope;
  return nullptr;
}

EntityState& Judge::At(const EntityKey& key) {
  auto [it, fresh] = entities_.try_emplace(key);
  EntityState& entity = it->second;
  if (!fresh) return entity;
  entity.scope = FindScope(key.scope);
  AIOPS_CHECK(entity.scope != nullptr);
  entity.detector = MakeDetector(OptionsFor(*entity.scope));
  if (const auto loaded = Load(key, entity); !loaded)
    LogWarn("a stored state cannot be read; learning afresh",
            {{"entity", key.entity}, {"err", loaded.error().message}});
  return entity;
}

Result<void> Judge::Load(const EntityKey& key, EntityState& entity) {
  const std::uint64_t schema = SchemaHash(*entity.scope);
  AIOPS_TRY(const auto state, store_.ReadState(StateName(key)));
  AIOPS_TRY(const auto model, store_.ReadModelInUse(key));
  if (state && state->schema == schema && entity.detector->RestoreState(state->value))
    entity.watermark = entity.stored = state->watermark;
  if (!model) return {};
  AIOPS_TRY(const bool taken, TakeModel(key, entity, *model));
  model_outdated_ = model_outdated_ || !taken || model->record.schema != schema;
  return {};
}

void Judge::Add(Sample sample, const Labels& labels) {
  EntityState& entity = At(sample.key);
  if (sample.time <= entity.watermark) {
    if (sample.flags & kBackfill) return;
    LogInfo("the clock was set back; judging goes on at the present",
            {{"entity", sample.key.entity},
             {"from", FormatTime(entity.watermark)},
             {"to", FormatTime(sample.time)}});
    entity.watermark = sample.time - Duration(1);
    entity.last_sample = sample.time;
    std::erase_if(entity.waiting, [&](const Sample& s) { return s.time > sample.time; });
  }
  if (!labels.empty()) entity.labels = labels;
  entity.last_sample = std::max(entity.last_sample, sample.time);
  const auto place = std::upper_bound(entity.waiting.begin(), entity.waiting.end(), sample.time,
                                      [](Time t, const Sample& s) { return t < s.time; });
  entity.waiting.insert(place, std::move(sample));
}

void Judge::FlagWaiting(const std::function<std::uint32_t(const Sample&)>& of) {
  for (auto& [key, entity] : entities_)
    for (Sample& sample : entity.waiting) sample.flags |= of(sample);
}

void Judge::Round(const std::function<void(Judged)>& take) {
  for (auto& [key, entity] : entities_) {
    if (entity.waiting.empty()) continue;
    entity.round_verdict = Verdict::kUnknown;
    entity.round_score = kMissing;
    for (const Sample& sample : entity.waiting) {
      Score score = JudgeThenLearn(*entity.detector, sample, config_.timezone);
      ClampBands(*entity.scope, score);
      if (sample.flags & kBackfill) score = Silent(std::move(score), Gate::kBackfill);
      entity.watermark = sample.time;
      entity.judging = score.score;
      if (&sample == &entity.waiting.back()) entity.last = score;
      take({entity.scope, key, entity.labels, sample.time, sample.flags, std::move(score)});
    }
    entity.judged = true;
    entity.waiting.clear();
  }
}

void Judge::Conclude(const EntityKey& key, Verdict worst) {
  EntityState& entity = At(key);
  if (worst > entity.round_verdict) entity.round_score = entity.judging;
  entity.round_verdict = worst;
}

bool Judge::Project(Sample& sample, const Scope& scope) const {
  auto values = aiops::Project(sample, scope, schemas_);
  if (values) sample.values = *std::move(values);
  return values.has_value();
}

std::vector<SchemaRow> Judge::Schemas() const {
  std::vector<SchemaRow> out;
  for (const Scope& scope : config_.scopes) {
    out.push_back({SchemaHash(scope), {}});
    for (const Feature& feature : scope.features) out.back().features.push_back(feature.name);
  }
  return out;
}

StateBlob Judge::StateOf(const EntityKey& key, EntityState& entity) {
  entity.stored = entity.watermark;
  return {StateName(key), SchemaHash(*entity.scope), entity.watermark,
          entity.detector->SnapshotState()};
}

std::vector<StateBlob> Judge::Snapshots(size_t most_bytes) {
  std::vector<StateBlob> out;
  size_t bytes = 0;
  // Whoever was handed out longest ago comes after the last one, round and round.
  auto next = entities_.upper_bound(snapshot_last_);
  for (size_t seen = 0; seen < entities_.size() && bytes < most_bytes; ++seen, ++next) {
    if (next == entities_.end()) next = entities_.begin();
    auto& [key, entity] = *next;
    if (entity.watermark == entity.stored) continue;
    out.push_back(StateOf(key, entity));
    bytes += out.back().value.size();
    snapshot_last_ = key;
  }
  return out;
}

std::optional<StateBlob> Judge::Snapshot(const EntityKey& key) {
  const auto it = entities_.find(key);
  if (it == entities_.end() || it->second.watermark == Time{}) return std::nullopt;
  return StateOf(key, it->second);
}

std::vector<StateBlob> Judge::Everything() {
  std::vector<StateBlob> out = Forests();
  for (auto& [key, entity] : entities_)
    if (entity.watermark != Time{}) out.push_back(StateOf(key, entity));
  return out;
}

void Judge::Forget(Time time) {
  std::erase_if(entities_, [&](const auto& entry) {
    const EntityState& e = entry.second;
    return !e.scope->entity_labels.empty() && e.last_sample != Time{} && e.last_sample < time;
  });
}

Result<void> Judge::Restore(Time now) {
  AIOPS_TRY(schemas_, ReadSchemaNames(store_));
  AIOPS_TRY_VOID(LoadForests());
  for (const auto& scope : config_.scopes) {
    AIOPS_TRY(auto rows, store_.ReadEntities(scope.name, now - kRemembered));
    const EntityKey own{scope.name, config_.collect.entity};
    const bool listed =
        std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.key == own; });
    // The default entity is never forgotten, however long this daemon was off.
    if (scope.entity_labels.empty() && !listed) rows.push_back({own, {}, {}});
    for (const auto& row : rows) AIOPS_TRY_VOID(Recall(row, now));
  }
  return LoadMarks(now);
}

Result<void> Judge::LearnAgain(Time now) {
  // History may know some that no tick has brought yet.
  for (const Scope& scope : config_.scopes) {
    AIOPS_TRY(const auto rows, store_.ReadEntities(scope.name, now - kRemembered));
    for (const auto& row : rows) {
      if (entities_.contains(row.key)) continue;
      EntityState& entity = At(row.key);
      entity.labels = row.labels;
      entity.last_sample = row.last_sample;
    }
  }
  for (auto& [key, entity] : entities_) {
    const std::string model = entity.detector->SnapshotModel();
    entity.detector = MakeDetector(OptionsFor(*entity.scope));
    const auto waiting = std::exchange(entity.waiting, {});
    entity.watermark = entity.stored = Time{};
    if (entity.in_use) AIOPS_TRY_VOID(TakeModel(key, entity, {*entity.in_use, model}));
    AIOPS_TRY_VOID(Recall({key, entity.labels, entity.last_sample}, now));
    // What the store has not taken yet.
    for (const Sample& sample : waiting) {
      const bool read =
          std::any_of(entity.waiting.begin(), entity.waiting.end(),
                      [&](const Sample& stored) { return stored.time == sample.time; });
      if (!read) Add(sample, entity.labels);
    }
  }
  return {};
}

Result<void> Judge::Recall(const Store::EntityRow& row, Time now) {
  EntityState& entity = At(row.key);
  entity.labels = row.labels;
  entity.last_sample = row.last_sample;
  const bool known = entity.watermark != Time{};
  AIOPS_TRY(auto samples, store_.ReadSamples({row.key, entity.watermark, now, std::nullopt,
                                              known ? size_t{0} : kReplayed}));
  if (samples.empty()) return {};
  AIOPS_TRY(const auto judgements,
            store_.ReadJudgements(row.key, {samples.front().time, samples.back().time}));
  std::set<Time> judged;
  for (const Judgement& judgement : judgements) judged.insert(judgement.time);
  const Time too_old = now - std::max<Duration>(kStale, 2 * config_.detect.interval);
  for (auto& sample : samples) {
    if (!Project(sample, *entity.scope)) continue;
    FlagCoverage(sample, config_.detect.min_coverage);
    const bool again = judged.contains(sample.time) || (!known && (sample.flags & kBackfill) != 0);
    if (!known && again) sample.flags |= kBackfill | kRelearned;
    if (again && entity.waiting.empty()) {
      LearnAgain(entity, sample);
      continue;
    }
    if (again) sample.flags |= kBackfill | kRelearned;
    if (sample.time < too_old) sample.flags |= kBackfill;
    Add(std::move(sample), row.labels);
  }
  if (!known)
    LogInfo("learning again from stored samples",
            {{"scope", row.key.scope}, {"entity", row.key.entity}, {"samples", samples.size()}});
  return {};
}

void Judge::LearnAgain(EntityState& entity, const Sample& sample) {
  JudgeThenLearn(*entity.detector, sample, config_.timezone);
  entity.watermark = sample.time;
}

}  // namespace aiops
