// Which model of an entity judges.
#include <algorithm>
#include <memory>
#include <utility>

#include "pipeline/detector_driver.h"
#include "pipeline/earlier_features.h"
#include "pipeline/judge.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr Duration kWeek = hours(24 * 6);  // with what is lost to restarts and maintenance
constexpr Duration kLeastTrial = hours(6);
constexpr size_t kCaughtUp = 10'080;  // newest samples that a model of before is told

std::string DaysText(Duration span) {
  const auto whole = (span + minutes(30)) / hours(1);
  if (whole < 48) return CountText(static_cast<size_t>(whole), "hour");
  return CountText(static_cast<size_t>((whole + 12) / 24), "day");
}

bool Span(size_t rows, const EntityState& entity, Duration needed) {
  return rows >= static_cast<size_t>(needed / std::max(entity.scope->interval, Duration(1)));
}

}  // namespace

Trust TrustIn(const EntityState& entity) {
  const ModelInfo model = entity.detector->model();
  if (!model.present || !entity.in_use) return {false, "there is no model"};
  if (Span(model.rows, entity, kWeek)) return {true, "it has seen a week"};
  const Trial& trial = entity.in_use->trial;
  if (trial.rows > 0 && !trial.passed)
    return {false, "it has not seen a week, and alerted too often when it was tried"};
  if (!Span(trial.rows, entity, kLeastTrial))
    return {false, "it has not seen a week, and was not tried on six hours"};
  return {true, "it alerted hardly ever when it was tried"};
}

// A first one learns from all history, the next ones from the configured window.
std::string ShorterThan(const ModelRecord& before, const ModelRecord& now) {
  const Duration then = before.last_sample - before.first_sample;
  const Duration span = now.last_sample - now.first_sample;
  if (10 * span >= 9 * then) return "";
  return "it learned from " + DaysText(span) + ", the model before from " + DaysText(then) +
         ": detect.isolation_forest.window says how far back";
}

std::vector<StoredModel> Judge::Models() const {
  std::vector<StoredModel> out;
  for (const auto& [key, entity] : entities_)
    if (entity.in_use) out.push_back({*entity.in_use, entity.detector->SnapshotModel()});
  return out;
}

std::optional<StoredModel> Judge::Adopt(const EntityKey& key, const Detector& fitted,
                                        ModelRecord record) {
  const auto it = entities_.find(key);
  if (it == entities_.end()) return std::nullopt;
  EntityState& entity = it->second;
  entity.detector->Adopt(fitted);
  StoredModel stored{std::move(record), entity.detector->SnapshotModel()};
  stored.record.state = ModelState::kInUse;
  stored.record.used_from = stored.record.trained_at;
  stored.record.bytes = stored.value.size();
  if (entity.in_use) stored.record.reason = ShorterThan(*entity.in_use, stored.record);
  entity.in_use = std::make_shared<const ModelRecord>(stored.record);
  return stored;
}

Result<bool> Judge::TakeModel(const EntityKey& key, EntityState& entity, const StoredModel& model) {
  const std::uint64_t schema = model.record.schema;
  if (schema == SchemaHash(*entity.scope)) {
    if (!entity.detector->RestoreModel(model.value)) return false;
  } else {
    const auto names = schemas_.find(schema);
    if (names == schemas_.end()) return false;
    const Scope earlier = ScopeOf(*entity.scope, names->second);
    auto then = MakeDetector(OptionsFor(earlier));
    if (!then->RestoreModel(model.value)) return false;
    AIOPS_TRY_VOID(CatchUp(*then, model.record, key, earlier, entity.watermark));
    entity.detector =
        JudgeByEarlierFeatures(std::move(entity.detector), *entity.scope, std::move(then), earlier);
  }
  entity.in_use = std::make_shared<const ModelRecord>(model.record);
  return true;
}

Result<void> Judge::CatchUp(Detector& detector, const ModelRecord& model, const EntityKey& key,
                            const Scope& scope, Time until) const {
  const Time since = model.last_sample != Time{} ? model.last_sample : model.trained_at;
  AIOPS_TRY(auto samples, store_.ReadSamples({key, since, until, std::nullopt, kCaughtUp}));
  for (Sample& sample : samples) {
    if (!Project(sample, scope)) continue;
    sample.flags |= kBackfill;
    FlagCoverage(sample, config_.detect.min_coverage);
    JudgeThenLearn(detector, sample, config_.timezone);
  }
  return {};
}

Result<std::optional<StateBlob>> Judge::GoBack(const EntityKey& key, const StoredModel& model) {
  EntityState& entity = At(key);
  if (model.record.schema != SchemaHash(*entity.scope))
    return InvalidArgument("it was trained on other features than those that are configured now");
  auto earlier = MakeDetector(OptionsFor(*entity.scope));
  if (const auto restored = earlier->RestoreModel(model.value); !restored)
    return InvalidArgument("it is not of detect.mode " + config_.detect.mode + ", or damaged (" +
                           restored.error().message + ")");
  AIOPS_TRY_VOID(CatchUp(*earlier, model.record, key, *entity.scope, entity.watermark));
  entity.detector->Adopt(*earlier);
  entity.in_use = std::make_shared<const ModelRecord>(model.record);
  if (entity.watermark == Time{}) return std::optional<StateBlob>();
  return std::optional(StateOf(key, entity));
}

}  // namespace aiops
