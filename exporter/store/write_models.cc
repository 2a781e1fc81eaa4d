#include "store/write_models.h"

#include <vector>

#include "store/pack.h"

namespace aiops {
namespace {

constexpr auto kInUse = static_cast<int>(ModelState::kInUse);
constexpr auto kEarlier = static_cast<int>(ModelState::kEarlier);

Result<void> InsertRecord(Database& db, const ModelRecord& m) {
  const std::string excluded =
      PackValues(std::vector<double>(m.excluded.begin(), m.excluded.end()));
  return db.Run(
      "INSERT INTO models(scope, entity, state, reason, trained_at, used_from, why, rows, "
      "first_sample, last_sample, excluded, held_out, alerts, alerts_in_use, passed, bytes, "
      "schema) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
      m.key.scope, m.key.entity, static_cast<int>(m.state), m.reason, m.trained_at, m.used_from,
      m.why, m.rows, m.first_sample, m.last_sample, Blob{excluded}, m.trial.rows, m.trial.alerts,
      m.trial.alerts_in_use, m.trial.passed, m.bytes, static_cast<std::int64_t>(m.schema));
}

// The index allows no second one in use.
Result<void> MakeRoom(Database& db, const EntityKey& key) {
  return db.Run("UPDATE models SET state = ?3 WHERE scope = ?1 AND entity = ?2 AND state = ?4",
                key.scope, key.entity, kEarlier, kInUse);
}

Result<void> AddModel(Database& db, const StoredModel& model) {
  const ModelRecord& m = model.record;
  if (m.state == ModelState::kInUse) {
    AIOPS_TRY_VOID(
        db.Run("DELETE FROM models WHERE scope = ?1 AND entity = ?2 AND trained_at = ?3 "
               "AND state = ?4",
               m.key.scope, m.key.entity, m.trained_at, kInUse));
    AIOPS_TRY_VOID(MakeRoom(db, m.key));
  }
  AIOPS_TRY_VOID(InsertRecord(db, m));
  if (model.value.empty()) return {};
  return db.Run("INSERT INTO model_values(model_id, value) VALUES(last_insert_rowid(), ?1)",
                Blob{model.value});
}

Result<void> DeleteOldest(Database& db, const EntityKey& key, size_t kept) {
  AIOPS_TRY_VOID(db.Run(
      "DELETE FROM models WHERE id IN (SELECT id FROM models WHERE scope = ?1 AND entity = ?2 "
      "AND state = ?3 ORDER BY used_from DESC, id DESC LIMIT -1 OFFSET ?4)",
      key.scope, key.entity, kEarlier, kept));
  return db.Run(
      "DELETE FROM models WHERE id IN (SELECT id FROM models WHERE scope = ?1 AND entity = ?2 "
      "AND state NOT IN (?3, ?4) ORDER BY id DESC LIMIT -1 OFFSET ?5)",
      key.scope, key.entity, kInUse, kEarlier, kept);
}

// Nothing where there is no such model: in a database that was begun anew.
Result<void> UseModel(Database& db, const ModelRecord& m) {
  AIOPS_TRY(Statement there, db.Prepare("SELECT 1 FROM models WHERE id = ?1 AND scope = ?2 "
                                        "AND entity = ?3"));
  AIOPS_TRY(const bool found, there.Bind(m.id, m.key.scope, m.key.entity).Step());
  if (!found) return {};
  AIOPS_TRY_VOID(MakeRoom(db, m.key));
  return db.Run("UPDATE models SET state = ?2, used_from = ?3 WHERE id = ?1", m.id, kInUse,
                m.used_from);
}

}  // namespace

Result<void> WriteModels(Database& db, const Changes& changes) {
  for (const StoredModel& model : changes.models) {
    AIOPS_TRY_VOID(AddModel(db, model));
    AIOPS_TRY_VOID(DeleteOldest(db, model.record.key, changes.earlier_models));
  }
  for (const ModelRecord& record : changes.use_models) AIOPS_TRY_VOID(UseModel(db, record));
  for (const EntityKey& key : changes.drop_models) {
    AIOPS_TRY_VOID(
        db.Run("DELETE FROM models WHERE scope = ?1 AND entity = ?2", key.scope, key.entity));
  }
  return {};
}

}  // namespace aiops
