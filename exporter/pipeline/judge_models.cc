// Which model of an entity judges.
#include <algorithm>
#include <memory>
#include <utility>

#include "pipeline/detector_driver.h"
#include "pipeline/judge.h"

namespace aiops {
namespace {

constexpr Duration kWeek = hours(24 * 6);  // with what is lost to restarts and maintenance
constexpr Duration kLeastTrial = hours(6);
constexpr size_t kCaughtUp = 10'080;  // newest samples that a model of before is told

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
  entity.in_use = std::make_shared<const ModelRecord>(stored.record);
  return stored;
}

Result<std::optional<StateBlob>> Judge::GoBack(const EntityKey& key, const StoredModel& model) {
  EntityState& entity = At(key);
  if (model.record.schema != SchemaHash(*entity.scope))
    return InvalidArgument("it was trained on other features than those that are configured now");
  auto earlier = MakeDetector(OptionsFor(*entity.scope));
  if (const auto restored = earlier->RestoreModel(model.value); !restored)
    return InvalidArgument("it is not of detect.mode " + config_.detect.mode + ", or damaged (" +
                           restored.error().message + ")");
  // Its memories end where its training did.
  const bool told = model.record.last_sample != Time{};
  const Time since = told ? model.record.last_sample : model.record.trained_at;
  AIOPS_TRY(auto samples,
            store_.ReadSamples({key, since, entity.watermark, std::nullopt, kCaughtUp}));
  for (Sample& sample : samples) {
    if (!Project(sample, *entity.scope)) continue;
    sample.flags |= kBackfill;
    FlagCoverage(sample, config_.detect.min_coverage);
    JudgeThenLearn(*earlier, sample, config_.timezone);
  }
  entity.detector->Adopt(*earlier);
  entity.in_use = std::make_shared<const ModelRecord>(model.record);
  if (entity.watermark == Time{}) return std::optional<StateBlob>();
  return std::optional(StateOf(key, entity));
}

}  // namespace aiops
