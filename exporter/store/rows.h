// How rows become nouns again. A row that does not decode is a Corruption error.
#pragma once

#include "base/result.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace aiops {

inline constexpr char kSampleColumns[] = "time, schema, flags, vector";
Result<Sample> SampleAt(const Statement& row, const EntityKey& key);

inline constexpr char kJudgementColumns[] =
    "time, score, level, threshold, verdict, gate, features";
Result<Judgement> JudgementAt(const Statement& row, const EntityKey& key);

inline constexpr char kAnomalyColumns[] =
    "id, scope, entity, labels, kind, fact, object, severity, state, started_at, last_seen_at, "
    "ended_at, score, "
    "summary, contributions, acknowledged_at, acknowledged_by, acknowledged_why, evidence, "
    "root_cause, mark, marked_at, marked_by, marked_why";
Result<Anomaly> AnomalyAt(const Statement& row);

inline constexpr char kStateColumns[] = "name, schema, watermark, value";
StateBlob StateAt(const Statement& row);

inline constexpr char kOutboxColumns[] =
    "id, receiver, anomaly_id, occasion, urgent, state, receipt, attempts, unanswered, created_at, "
    "next_attempt_at, settled_at, last_error, conversation";
Result<OutboxRow> OutboxAt(const Statement& row);
Result<OutboxState> OutboxStateAt(const Statement& row, int column);

inline constexpr char kSilenceColumns[] = "id, kind, scope, entity, starts_at, ends_at, by, why";
Result<Silence> SilenceAt(const Statement& row);

inline constexpr char kModelColumns[] =
    "id, scope, entity, state, reason, trained_at, used_from, why, rows, first_sample, "
    "last_sample, "
    "excluded, held_out, alerts, alerts_in_use, passed, bytes, schema";
inline constexpr int kModelColumnCount = 18;
Result<ModelRecord> ModelAt(const Statement& row);

inline constexpr char kAuditColumns[] =
    "id, time, action, object, by, address, via, status, result, text";
AuditEntry AuditAt(const Statement& row);

}  // namespace aiops
