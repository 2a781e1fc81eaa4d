#include "store/write.h"

#include <algorithm>

#include "store/anomaly_id.h"
#include "store/pack.h"
#include "store/write_models.h"

namespace aiops {
namespace {

Result<std::int64_t> EntityId(Database& db, EntityIds& ids, const EntityKey& key) {
  if (const auto known = ids.find(key); known != ids.end()) return known->second;
  AIOPS_TRY_VOID(
      db.Run("INSERT INTO entities(scope, name, labels) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
             key.scope, key.entity, Blob{PackLabels({})}));
  AIOPS_TRY(Statement find, db.Prepare("SELECT id FROM entities WHERE scope = ?1 AND name = ?2"));
  AIOPS_TRY(const bool found, find.Bind(key.scope, key.entity).Step());
  if (!found) return Internal("an entity vanished while it was written");
  ids[key] = find.Int(0);
  return find.Int(0);
}

Result<void> WriteLabels(Database& db, EntityIds& ids, const EntityKey& key, const Labels& labels) {
  AIOPS_TRY(const std::int64_t id, EntityId(db, ids, key));
  const std::string packed = PackLabels(labels);
  return db.Run("UPDATE entities SET labels = ?2 WHERE id = ?1 AND labels <> ?2", id, Blob{packed});
}

// Returns whether it is new.
Result<bool> WriteSample(Database& db, EntityIds& ids, const Sample& sample) {
  AIOPS_TRY(const std::int64_t id, EntityId(db, ids, sample.key));
  const std::string packed = PackValues(sample.values);
  const auto schema = static_cast<std::int64_t>(sample.schema);
  AIOPS_TRY_VOID(db.Run(
      "INSERT INTO samples(entity_id, time, schema, flags, vector) VALUES(?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT DO NOTHING",
      id, sample.time, schema, sample.flags, Blob{packed}));
  if (db.changes() > 0) return true;
  AIOPS_TRY_VOID(db.Run(
      "UPDATE samples SET schema = ?3, flags = ?4, vector = ?5 WHERE entity_id = ?1 AND time = ?2",
      id, sample.time, schema, sample.flags, Blob{packed}));
  return false;
}

Result<void> WriteJudgement(Database& db, EntityIds& ids, const Judgement& j) {
  AIOPS_TRY(const std::int64_t id, EntityId(db, ids, j.key));
  const std::string features = j.features.empty() ? "" : PackContributions(j.features);
  return db.Run(
      "INSERT OR REPLACE INTO judgements(entity_id, time, score, level, threshold, verdict, gate, "
      "features) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      id, j.time, j.score, j.level, j.threshold, static_cast<int>(j.verdict),
      static_cast<int>(j.gate), Blob{features});
}

Result<void> WriteAnomaly(Database& db, const Anomaly& a) {
  const std::string labels = PackLabels(a.labels);
  const std::string contributions = PackContributions(a.contributions);
  return db.Run(
      "INSERT OR REPLACE INTO anomalies(id, scope, entity, labels, kind, fact, object, severity, "
      "state, started_at, "
      "last_seen_at, ended_at, score, summary, contributions, acknowledged_at, acknowledged_by, "
      "acknowledged_why, "
      "evidence, root_cause, mark, marked_at, marked_by, marked_why) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "?19, ?20, ?21, ?22, ?23, ?24)",
      a.id, a.key.scope, a.key.entity, Blob{labels}, static_cast<int>(a.kind), a.fact, a.object,
      static_cast<int>(a.severity), static_cast<int>(a.state), a.started_at, a.last_seen_at,
      a.ended_at, a.score, a.summary, Blob{contributions}, a.acknowledged_at, a.acknowledged_by,
      a.acknowledged_why, a.evidence, a.root_cause, static_cast<int>(a.mark), a.marked_at,
      a.marked_by, a.marked_why);
}

Result<void> WriteOutboxRow(Database& db, const OutboxRow& row) {
  const std::optional<std::int64_t> id = row.id > 0 ? std::optional(row.id) : std::nullopt;
  return db.Run(
      "INSERT OR REPLACE INTO outbox(id, receiver, anomaly_id, occasion, urgent, state, receipt, "
      "attempts, unanswered, created_at, next_attempt_at, settled_at, last_error, conversation) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      id, row.receiver, row.anomaly_id, static_cast<int>(row.occasion), row.urgent ? 1 : 0,
      static_cast<int>(row.state), row.receipt.reference, row.attempts, row.unanswered,
      row.created_at, row.next_attempt_at, row.settled_at, row.last_error, row.conversation);
}

Result<void> WriteSchema(Database& db, const SchemaRow& row) {
  const std::string packed = PackNames(row.features);
  return db.Run(
      "INSERT INTO schemas(schema, features) VALUES(?1, ?2) "
      "ON CONFLICT(schema) DO UPDATE SET features = ?2 WHERE features <> ?2",
      static_cast<std::int64_t>(row.schema), Blob{packed});
}

Result<void> WriteState(Database& db, const Changes& changes) {
  for (const Checkpoint& c : changes.checkpoints) {
    AIOPS_TRY_VOID(
        db.Run("INSERT INTO checkpoints(collector, value) VALUES(?1, ?2) "
               "ON CONFLICT(collector) DO UPDATE SET value = ?2",
               c.collector, Blob{c.value}));
  }
  for (const StateBlob& s : changes.state) {
    AIOPS_TRY_VOID(
        db.Run("INSERT INTO state(name, schema, watermark, value) VALUES(?1, ?2, ?3, ?4) "
               "ON CONFLICT(name) DO UPDATE SET schema = ?2, watermark = ?3, value = ?4",
               s.name, static_cast<std::int64_t>(s.schema), s.watermark, Blob{s.value}));
  }
  for (const std::string& name : changes.drop_state) {
    AIOPS_TRY_VOID(db.Run("DELETE FROM state WHERE name = ?1", name));
  }
  return {};
}

Result<void> WriteAudit(Database& db, const std::vector<AuditEntry>& entries) {
  for (const AuditEntry& e : entries) {
    AIOPS_TRY_VOID(
        db.Run("INSERT INTO audit(time, action, object, by, address, via, status, result, text) "
               "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
               e.time, e.action, e.object, e.by, e.address, e.via, e.status, e.result, e.text));
  }
  if (entries.empty()) return {};
  return db.Run("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1", kMaxAuditEntries);
}

Result<void> WriteSilence(Database& db, const Silence& s) {
  return db.Run(
      "INSERT OR REPLACE INTO silences(id, kind, scope, entity, starts_at, ends_at, by, why) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      s.id, static_cast<int>(s.kind), s.scope, s.entity, s.starts_at, s.ends_at, s.by, s.why);
}

Result<void> WriteReflag(Database& db, const Reflag& r) {
  return db.Run(
      "UPDATE samples SET flags = (flags | ?5) & ~?6 WHERE time BETWEEN ?3 AND ?4 "
      "AND (flags | ?5) & ~?6 <> flags AND entity_id IN (SELECT id FROM entities "
      "WHERE (?1 = '' OR scope = ?1) AND (?2 = '' OR name = ?2))",
      r.scope, r.entity, r.from, r.until, r.set, r.clear);
}

Result<void> WriteEpisodes(Database& db, const Changes& changes) {
  for (const Anomaly& anomaly : changes.anomalies) AIOPS_TRY_VOID(WriteAnomaly(db, anomaly));
  if (!changes.anomalies.empty()) AIOPS_TRY_VOID(SaveAnomalyId(db, GreatestAnomalyId(changes)));
  for (const OutboxRow& row : changes.outbox) AIOPS_TRY_VOID(WriteOutboxRow(db, row));
  return WriteAudit(db, changes.audit);
}

}  // namespace

bool Changes::empty() const {
  return samples.empty() && entities.empty() && checkpoints.empty() && judgements.empty() &&
         anomalies.empty() && outbox.empty() && state.empty() && drop_state.empty() &&
         audit.empty() && schemas.empty() && silences.empty() && reflags.empty() &&
         models.empty() && use_models.empty() && drop_models.empty();
}

std::int64_t GreatestAnomalyId(const Changes& changes) {
  std::int64_t greatest = 0;
  for (const Anomaly& anomaly : changes.anomalies) greatest = std::max(greatest, anomaly.id);
  return greatest;
}

Durability DurabilityOf(const Changes& changes) {
  // A refusal is not worth a wait for the disk: anybody can cause as many as they like.
  const bool done = std::any_of(changes.audit.begin(), changes.audit.end(),
                                [](const AuditEntry& entry) { return entry.status < 400; });
  const bool plain = changes.anomalies.empty() && changes.outbox.empty() && !done;
  return plain ? Durability::kProcess : Durability::kPower;
}

Result<std::int64_t> WriteChanges(Database& db, EntityIds& ids, const Changes& changes) {
  std::int64_t added = 0;
  for (const SchemaRow& row : changes.schemas) AIOPS_TRY_VOID(WriteSchema(db, row));
  for (const auto& [key, labels] : changes.entities)
    AIOPS_TRY_VOID(WriteLabels(db, ids, key, labels));
  for (const Sample& sample : changes.samples) {
    AIOPS_TRY(const bool is_new, WriteSample(db, ids, sample));
    added += is_new ? 1 : 0;
  }
  for (const Judgement& judgement : changes.judgements)
    AIOPS_TRY_VOID(WriteJudgement(db, ids, judgement));
  for (const Silence& silence : changes.silences) AIOPS_TRY_VOID(WriteSilence(db, silence));
  for (const Reflag& reflag : changes.reflags) AIOPS_TRY_VOID(WriteReflag(db, reflag));
  AIOPS_TRY_VOID(WriteState(db, changes));
  AIOPS_TRY_VOID(WriteModels(db, changes));
  AIOPS_TRY_VOID(WriteEpisodes(db, changes));
  return added;
}

}  // namespace aiops
