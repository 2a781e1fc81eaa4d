#include <algorithm>

#include "store/pack.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/store_impl.h"

namespace aiops {
namespace {

// All rows of a statement, decoded by `decode(statement)`, which returns a Result; those that do
// not decode go to `damaged`.
template <class T, class Decode, class Damaged>
Result<std::vector<T>> Collect(Statement& statement, Decode decode, Damaged damaged) {
  std::vector<T> out;
  while (true) {
    AIOPS_TRY(const bool row, statement.Step());
    if (!row) return out;
    Result<T> decoded = decode(statement);
    decoded ? out.push_back(*std::move(decoded)) : damaged(decoded.error());
  }
}

std::int64_t LimitOf(size_t limit) {
  constexpr size_t kNone = 0, kMost = 1u << 30;
  return limit == kNone ? -1 : static_cast<std::int64_t>(std::min(limit, kMost));
}

bool HasPrefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// The WHERE clause of a query. Absent filters are left out, so that an index can serve the rest;
// the parameters keep their numbers.
std::string AnomalySql(const AnomalyQuery& q) {
  std::string sql = std::string("SELECT ") + kAnomalyColumns + " FROM anomalies WHERE 1";
  if (q.since) sql += " AND (state = 0 OR last_seen_at >= ?1)";
  if (q.until) sql += " AND started_at < ?2";
  if (q.entity) sql += " AND entity = ?3";
  if (q.scope) sql += " AND scope = ?4";
  if (q.kind) sql += " AND kind = ?5";
  if (q.state) sql += *q.state == AnomalyState::kOpen ? " AND state = 0" : " AND state = 1";
  if (q.severity) sql += " AND severity = ?6";
  if (q.before_id) sql += " AND id < ?7";
  if (q.ended_since) sql += " AND state = 1 AND ended_at >= ?8";
  if (q.marked) sql += " AND mark <> 0";
  if (q.acknowledged)
    sql += *q.acknowledged ? " AND acknowledged_at IS NOT NULL" : " AND acknowledged_at IS NULL";
  return sql + " ORDER BY id DESC LIMIT ?9";
}

std::string OutboxSql(const OutboxQuery& q) {
  std::string sql = std::string("SELECT ") + kOutboxColumns + " FROM outbox WHERE 1";
  if (q.receiver) sql += " AND receiver = ?1";
  if (q.state) sql += " AND state = ?2";
  if (q.anomaly_id) sql += " AND anomaly_id = ?3";
  if (q.id) sql += " AND id = ?5";
  if (q.conversation) sql += " AND conversation = ?6";
  if (q.before_id) sql += " AND id < ?4";
  if (q.due) {
    sql += " AND state = 0 AND next_attempt_at <= ?7 ORDER BY urgent DESC, id";
  } else {
    sql += " ORDER BY id DESC";
  }
  return sql + " LIMIT ?8";
}

// Outbox rows by state, of one receiver or of all.
Result<OutboxCounts> CountRows(Database& db, const std::optional<std::string>& receiver) {
  std::string sql = "SELECT state, count(*) FROM outbox";
  if (receiver) sql += " WHERE receiver = ?1";
  AIOPS_TRY(Statement rows, db.Prepare(sql + " GROUP BY state"));
  if (receiver) rows.Bind(*receiver);
  OutboxCounts out;
  while (true) {
    AIOPS_TRY(const bool row, rows.Step());
    if (!row) return out;
    AIOPS_TRY(const OutboxState state, OutboxStateAt(rows, 0));
    out[state] = rows.Int(1);
  }
}

// The model of a statement with one row, or none.
Result<std::optional<StoredModel>> OneModel(Statement& row) {
  AIOPS_TRY(const bool found, row.Step());
  if (!found) return std::optional<StoredModel>();
  AIOPS_TRY(ModelRecord record, ModelAt(row));
  return std::optional(StoredModel{std::move(record), std::string(row.Text(kModelColumnCount))});
}

std::string ModelSql(const std::string& where) {
  return std::string("SELECT ") + kModelColumns +
         ", value FROM models LEFT JOIN model_values ON model_id = id WHERE " + where;
}

template <class Enum>
std::optional<std::int64_t> Number(const std::optional<Enum>& e) {
  if (!e) return std::nullopt;
  return static_cast<std::int64_t>(*e);
}

}  // namespace

Result<std::vector<Sample>> Store::ReadSamples(const SampleQuery& query) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<Sample>> {
    AIOPS_TRY(
        Statement rows,
        db.Prepare(std::string("SELECT ") + kSampleColumns +
                   " FROM samples WHERE entity_id = (SELECT id FROM entities WHERE scope = ?1 "
                   "AND name = ?2) AND time > ?3 AND time <= ?4 AND (?5 IS NULL OR schema = ?5) "
                   "ORDER BY time DESC LIMIT ?6"));
    rows.Bind(query.key.scope, query.key.entity, query.after, query.until,
              query.schema ? std::optional(static_cast<std::int64_t>(*query.schema)) : std::nullopt,
              LimitOf(query.limit));
    AIOPS_TRY(auto samples,
              Collect<Sample>(
                  rows, [&](const Statement& row) { return SampleAt(row, query.key); },
                  [&](const Error& e) { impl_->NoteDamagedRow(e); }));
    std::reverse(samples.begin(), samples.end());
    return samples;
  });
}

Result<std::vector<Store::EntityRow>> Store::ReadEntities(const std::string& scope,
                                                          Time since) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<EntityRow>> {
    AIOPS_TRY(
        Statement rows,
        db.Prepare(
            "SELECT name, labels, last FROM (SELECT name, labels, (SELECT max(time) FROM samples "
            "WHERE entity_id = entities.id) AS last FROM entities WHERE scope = ?1) "
            "WHERE last > ?2 ORDER BY name"));
    rows.Bind(scope, since);
    auto decode = [&](const Statement& row) -> Result<EntityRow> {
      AIOPS_TRY(Labels labels, UnpackLabels(row.Text(1)));
      return EntityRow{{scope, std::string(row.Text(0))}, std::move(labels), row.TimeAt(2)};
    };
    return Collect<EntityRow>(rows, decode, [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<Store::Neighbours> Store::SamplesAround(const std::optional<EntityKey>& key,
                                               Time time) const {
  static_assert(kBackfill == 8);
  const std::string samples = "FROM samples WHERE entity_id = entities.id ";
  const std::string live = key ? "" : "AND flags & 8 = 0 ";
  const std::string sql = "SELECT max((SELECT time " + samples + live +
                          "AND time <= ?1 ORDER BY time DESC LIMIT 1)), min((SELECT time " +
                          samples + live + "AND time > ?1 ORDER BY time LIMIT 1)) FROM entities" +
                          (key ? " WHERE scope = ?2 AND name = ?3" : "");
  return impl_->Read([&](Database& db) -> Result<Neighbours> {
    AIOPS_TRY(Statement row, db.Prepare(sql));
    key ? row.Bind(time, key->scope, key->entity) : row.Bind(time);
    AIOPS_TRY(const bool found, row.Step());
    return found ? Neighbours{row.OptionalTime(0), row.OptionalTime(1)} : Neighbours{};
  });
}

Result<std::vector<Judgement>> Store::ReadJudgements(const EntityKey& key, Window range) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<Judgement>> {
    AIOPS_TRY(Statement rows,
              db.Prepare(std::string("SELECT ") + kJudgementColumns +
                         " FROM judgements WHERE entity_id = (SELECT id FROM entities WHERE "
                         "scope = ?1 AND name = ?2) AND time BETWEEN ?3 AND ?4 ORDER BY time"));
    rows.Bind(key.scope, key.entity, range.from, range.to);
    return Collect<Judgement>(
        rows, [&](const Statement& row) { return JudgementAt(row, key); },
        [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<std::vector<Anomaly>> Store::ReadAnomalies(const AnomalyQuery& q) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<Anomaly>> {
    AIOPS_TRY(Statement rows, db.Prepare(AnomalySql(q)));  // few filters, few variants: cached
    rows.Bind(q.since, q.until, q.entity, q.scope, Number(q.kind), Number(q.severity), q.before_id,
              q.ended_since, LimitOf(q.limit));
    return Collect<Anomaly>(rows, AnomalyAt, [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<std::optional<Anomaly>> Store::ReadAnomaly(std::int64_t id) const {
  return impl_->Read([&](Database& db) -> Result<std::optional<Anomaly>> {
    AIOPS_TRY(Statement row, db.Prepare(std::string("SELECT ") + kAnomalyColumns +
                                        " FROM anomalies WHERE id = ?1"));
    AIOPS_TRY(const bool found, row.Bind(id).Step());
    if (!found) return std::optional<Anomaly>();
    AIOPS_TRY(Anomaly anomaly, AnomalyAt(row));
    return std::optional(std::move(anomaly));
  });
}

Result<std::int64_t> Store::MaxAnomalyId() const {
  std::lock_guard guard(impl_->info_mutex);
  return impl_->greatest_anomaly_id;
}

Result<std::vector<Checkpoint>> Store::ReadCheckpoints() const {
  return impl_->Read([](Database& db) -> Result<std::vector<Checkpoint>> {
    AIOPS_TRY(Statement rows,
              db.Prepare("SELECT collector, value FROM checkpoints ORDER BY collector"));
    return Collect<Checkpoint>(
        rows,
        [](const Statement& row) -> Result<Checkpoint> {
          return Checkpoint{std::string(row.Text(0)), std::string(row.Text(1))};
        },
        [](const Error&) {});
  });
}

Result<std::vector<SchemaRow>> Store::ReadSchemas() const {
  return impl_->Read([&](Database& db) -> Result<std::vector<SchemaRow>> {
    AIOPS_TRY(Statement rows, db.Prepare("SELECT schema, features FROM schemas ORDER BY schema"));
    return Collect<SchemaRow>(
        rows,
        [](const Statement& row) -> Result<SchemaRow> {
          AIOPS_TRY(auto features, UnpackNames(row.Text(1)));
          return SchemaRow{static_cast<std::uint64_t>(row.Int(0)), std::move(features)};
        },
        [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<std::vector<Silence>> Store::ReadSilences() const {
  return impl_->Read([&](Database& db) -> Result<std::vector<Silence>> {
    AIOPS_TRY(Statement rows,
              db.Prepare(std::string("SELECT ") + kSilenceColumns + " FROM silences ORDER BY id"));
    return Collect<Silence>(rows, SilenceAt, [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<std::optional<StateBlob>> Store::ReadState(const std::string& name) const {
  return impl_->Read([&](Database& db) -> Result<std::optional<StateBlob>> {
    AIOPS_TRY(Statement row,
              db.Prepare(std::string("SELECT ") + kStateColumns + " FROM state WHERE name = ?1"));
    AIOPS_TRY(const bool found, row.Bind(name).Step());
    return found ? std::optional(StateAt(row)) : std::nullopt;
  });
}

Result<std::vector<StateBlob>> Store::ReadStates(const std::string& name_prefix) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<StateBlob>> {
    AIOPS_TRY(Statement row, db.Prepare(std::string("SELECT ") + kStateColumns +
                                        " FROM state WHERE name >= ?1 ORDER BY name"));
    row.Bind(name_prefix);
    std::vector<StateBlob> out;
    while (true) {
      AIOPS_TRY(const bool found, row.Step());
      if (!found || !HasPrefix(row.Text(0), name_prefix)) return out;
      out.push_back(StateAt(row));
    }
  });
}

Result<std::vector<ModelRecord>> Store::ReadModels(const ModelQuery& q) const {
  std::string sql = std::string("SELECT ") + kModelColumns + " FROM models WHERE 1";
  if (q.entity) sql += " AND entity = ?1";
  if (q.scope) sql += " AND scope = ?2";
  if (q.state) sql += " AND state = ?3";
  if (q.before_id) sql += " AND id < ?4";
  sql += " ORDER BY id DESC LIMIT ?5";
  return impl_->Read([&](Database& db) -> Result<std::vector<ModelRecord>> {
    AIOPS_TRY(Statement rows, db.Prepare(sql));
    rows.Bind(q.entity, q.scope, Number(q.state), q.before_id, LimitOf(q.limit));
    return Collect<ModelRecord>(rows, ModelAt, [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<std::optional<StoredModel>> Store::ReadModel(std::int64_t id) const {
  return impl_->Read([&](Database& db) -> Result<std::optional<StoredModel>> {
    AIOPS_TRY(Statement row, db.Prepare(ModelSql("id = ?1")));
    return OneModel(row.Bind(id));
  });
}

Result<std::optional<StoredModel>> Store::ReadModelInUse(const EntityKey& key) const {
  return impl_->Read([&](Database& db) -> Result<std::optional<StoredModel>> {
    AIOPS_TRY(Statement row, db.Prepare(ModelSql("scope = ?1 AND entity = ?2 AND state = 0")));
    return OneModel(row.Bind(key.scope, key.entity));
  });
}

Result<std::vector<OutboxRow>> Store::ReadOutbox(const OutboxQuery& q) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<OutboxRow>> {
    AIOPS_TRY(Statement rows, db.Prepare(OutboxSql(q)));
    rows.Bind(q.receiver, Number(q.state), q.anomaly_id, q.before_id, q.id, q.conversation, q.due,
              LimitOf(q.limit));
    return Collect<OutboxRow>(rows, OutboxAt, [&](const Error& e) { impl_->NoteDamagedRow(e); });
  });
}

Result<OutboxQueue> Store::ReadOutboxQueue(const std::string& receiver) const {
  return impl_->Read([&](Database& db) -> Result<OutboxQueue> {
    OutboxQueue queue;
    AIOPS_TRY(queue.rows, CountRows(db, receiver));
    AIOPS_TRY(Statement first, db.Prepare("SELECT min(next_attempt_at) FROM outbox WHERE "
                                          "receiver = ?1 AND state = 0"));
    AIOPS_TRY_VOID(first.Bind(receiver).Step());
    queue.next = first.OptionalTime(0);
    return queue;
  });
}

Result<OutboxCounts> Store::CountOutbox() const {
  return impl_->Read([](Database& db) { return CountRows(db, std::nullopt); });
}

Result<std::vector<AuditEntry>> Store::ReadAudit(const AuditQuery& query) const {
  return impl_->Read([&](Database& db) -> Result<std::vector<AuditEntry>> {
    AIOPS_TRY(Statement rows,
              db.Prepare(std::string("SELECT ") + kAuditColumns +
                         " FROM audit WHERE (?1 IS NULL OR time >= ?1) AND (?2 IS NULL OR id < ?2) "
                         "ORDER BY id DESC LIMIT ?3"));
    rows.Bind(query.since, query.before_id, LimitOf(query.limit));
    return Collect<AuditEntry>(
        rows, [](const Statement& row) -> Result<AuditEntry> { return AuditAt(row); },
        [](const Error&) {});
  });
}

}  // namespace aiops
