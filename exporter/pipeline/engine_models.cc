// How the engine goes back to a model of before.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "pipeline/engine.h"

namespace aiops {
namespace {

constexpr size_t kMostEarlier = 3;       // of an entity
constexpr size_t kEarlierInAll = 1'000;  // of all together, but one of each in any case

std::string Named(std::int64_t id) { return "model " + std::to_string(id); }

}  // namespace

// A model of eleven features is 0.2 MB.
size_t Engine::EarlierModels() const {
  const size_t entities = std::max<size_t>(1, judge_.entities().size());
  return std::clamp<size_t>(kEarlierInAll / entities, 1, kMostEarlier);
}

Result<EntityKey> Engine::OneEntity(const RollBackCommand& command) const {
  std::vector<EntityKey> found;
  for (const auto& [key, entity] : judge_.entities())
    if ((command.entity.empty() || key.entity == command.entity) &&
        (command.scope.empty() || key.scope == command.scope))
      found.push_back(key);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return NotFound("nothing is watched" +
                    (command.entity.empty() ? "" : " as entity '" + command.entity + "'") +
                    (command.scope.empty() ? "" : " in a scope '" + command.scope + "'") +
                    "; /status names what is");
  }
  return InvalidArgument(command.entity.empty()
                             ? "several entities are watched: name one; /status names them"
                             : "'" + command.entity +
                                   "' is in several scopes: name one, such as '" +
                                   found.front().scope + "'");
}

// Of those that were trained before the one in use the one that was used last: a person who went
// back twice did not like the one between.
Result<StoredModel> Engine::ModelBefore(const EntityKey& key) const {
  const std::string none = "there is no model of '" + key.entity + "' to go back to";
  AIOPS_TRY(const auto in_use, store_.ReadModelInUse(key));
  if (!in_use) return InvalidArgument(none + ": none was ever in use");
  AIOPS_TRY(auto earlier,
            store_.ReadModels({key.entity, key.scope, ModelState::kEarlier, in_use->record.id, 0}));
  const auto last = std::max_element(
      earlier.begin(), earlier.end(),
      [](const ModelRecord& a, const ModelRecord& b) { return a.used_from < b.used_from; });
  if (last == earlier.end())
    return InvalidArgument(none + ": none that is kept is older than the one in use, " +
                           Named(in_use->record.id) + "; GET /models lists them");
  AIOPS_TRY(auto model, store_.ReadModel(last->id));
  if (!model) return Internal("a model vanished while it was read");
  return *std::move(model);
}

Result<StoredModel> Engine::ModelToUse(const RollBackCommand& command) const {
  if (backlog() != 0) return Unavailable("data waits for the database; see /health, and try again");
  if (command.model_id == 0) {
    AIOPS_TRY(const EntityKey key, OneEntity(command));
    return ModelBefore(key);
  }
  const std::string name = Named(command.model_id);
  AIOPS_TRY(auto model, store_.ReadModel(command.model_id));
  if (!model) return NotFound("there is no " + name + "; GET /models lists them");
  const ModelRecord& record = model->record;
  if (record.state == ModelState::kInUse) return InvalidArgument(name + " is in use");
  if (record.state != ModelState::kEarlier)
    return InvalidArgument(name + " was never in use and is not kept: " + record.reason);
  if (!judge_.entities().contains(record.key))
    return InvalidArgument(name + " is of '" + record.key.entity + "', which is not watched now");
  return *std::move(model);
}

Result<Engine::RolledBack> Engine::RollBack(const RollBackCommand& command, Time now,
                                            Changes& changes) {
  AIOPS_TRY(StoredModel model, ModelToUse(command));
  AIOPS_TRY(const auto in_use, store_.ReadModelInUse(model.record.key));
  model.record.state = ModelState::kInUse;
  model.record.used_from = now;
  auto state = judge_.GoBack(model.record.key, model);
  if (!state) return std::move(state).error().Wrap("cannot go back to " + Named(model.record.id));
  if (*state) changes.state.push_back(**std::move(state));
  changes.use_models.push_back(model.record);
  LogInfo("an earlier model judges",
          {{"entity", model.record.key.entity}, {"model", model.record.id}, {"by", "command"}});
  return RolledBack{std::move(model.record), in_use ? in_use->record.id : 0};
}

}  // namespace aiops
