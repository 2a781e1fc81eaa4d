#include "store/rows.h"

#include <algorithm>

#include "store/pack.h"

namespace aiops {
namespace {

// A stored number as an enumerator, if it is one.
template <class Enum>
Result<Enum> EnumAt(const Statement& row, int column, Enum last) {
  const std::int64_t v = row.Int(column);
  if (v < 0 || v > static_cast<std::int64_t>(last))
    return Corruption("a stored enumerator is out of range");
  return static_cast<Enum>(v);
}

std::string String(const Statement& row, int column) { return std::string(row.Text(column)); }

size_t Count(const Statement& row, int column) {
  return static_cast<size_t>(std::max<std::int64_t>(0, row.Int(column)));
}

// Columns 13 to 23: what was said about it.
void ReadWords(const Statement& row, Anomaly& a) {
  a.summary = String(row, 13);
  a.acknowledged_at = row.OptionalTime(15);
  a.acknowledged_by = String(row, 16);
  a.acknowledged_why = String(row, 17);
  a.evidence = String(row, 18);
  a.root_cause = String(row, 19);
  a.marked_at = row.OptionalTime(21);
  a.marked_by = String(row, 22);
  a.marked_why = String(row, 23);
}

}  // namespace

Result<Sample> SampleAt(const Statement& row, const EntityKey& key) {
  AIOPS_TRY(auto values, UnpackValues(row.Text(3)));
  return Sample{key, row.TimeAt(0), static_cast<std::uint64_t>(row.Int(1)),
                static_cast<std::uint32_t>(row.Int(2)), std::move(values)};
}

Result<Judgement> JudgementAt(const Statement& row, const EntityKey& key) {
  AIOPS_TRY(const Verdict verdict, EnumAt(row, 4, Verdict::kCritical));
  AIOPS_TRY(const Gate gate, EnumAt(row, 5, static_cast<Gate>(kGateCount - 1)));
  std::vector<Contribution> features;
  if (const auto packed = row.Text(6); !packed.empty()) {
    AIOPS_TRY(features, UnpackContributions(packed));
  }
  return Judgement{key,         row.TimeAt(0), row.Real(1), row.Real(2),
                   row.Real(3), verdict,       gate,        std::move(features)};
}

Result<Anomaly> AnomalyAt(const Statement& row) {
  Anomaly a;
  a.id = row.Int(0);
  a.key = {String(row, 1), String(row, 2)};
  AIOPS_TRY(a.labels, UnpackLabels(row.Text(3)));
  AIOPS_TRY(a.kind, EnumAt(row, 4, AnomalyKind::kFact));
  a.fact = String(row, 5);
  a.object = String(row, 6);
  AIOPS_TRY(a.severity, EnumAt(row, 7, Severity::kCritical));
  AIOPS_TRY(a.state, EnumAt(row, 8, AnomalyState::kClosed));
  a.started_at = row.TimeAt(9);
  a.last_seen_at = row.TimeAt(10);
  a.ended_at = row.OptionalTime(11);
  a.score = row.Real(12);
  AIOPS_TRY(a.contributions, UnpackContributions(row.Text(14)));
  AIOPS_TRY(a.mark, EnumAt(row, 20, Mark::kExpected));
  ReadWords(row, a);
  return a;
}

Result<Silence> SilenceAt(const Statement& row) {
  AIOPS_TRY(const SilenceKind kind, EnumAt(row, 1, SilenceKind::kMute));
  return Silence{row.Int(0),    kind,          String(row, 2), String(row, 3),
                 row.TimeAt(4), row.TimeAt(5), String(row, 6), String(row, 7)};
}

StateBlob StateAt(const Statement& row) {
  return {String(row, 0), static_cast<std::uint64_t>(row.Int(1)), row.TimeAt(2), String(row, 3)};
}

Result<OutboxState> OutboxStateAt(const Statement& row, int column) {
  return EnumAt(row, column, OutboxState::kDropped);
}

Result<OutboxRow> OutboxAt(const Statement& row) {
  OutboxRow out;
  out.id = row.Int(0);
  out.receiver = String(row, 1);
  out.anomaly_id = row.Int(2);
  AIOPS_TRY(out.occasion, EnumAt(row, 3, Occasion::kChanged));
  out.urgent = row.Int(4) != 0;
  AIOPS_TRY(out.state, OutboxStateAt(row, 5));
  out.receipt.reference = String(row, 6);
  out.attempts = static_cast<int>(row.Int(7));
  out.unanswered = static_cast<int>(row.Int(8));
  out.created_at = row.TimeAt(9);
  out.next_attempt_at = row.TimeAt(10);
  out.settled_at = row.OptionalTime(11);
  out.last_error = String(row, 12);
  out.conversation = row.Int(13);
  return out;
}

Result<ModelRecord> ModelAt(const Statement& row) {
  ModelRecord m;
  m.id = row.Int(0);
  m.key = {String(row, 1), String(row, 2)};
  AIOPS_TRY(m.state, EnumAt(row, 3, ModelState::kFailed));
  m.reason = String(row, 4);
  m.trained_at = row.TimeAt(5);
  m.used_from = row.OptionalTime(6);
  m.why = String(row, 7);
  m.rows = Count(row, 8);
  m.first_sample = row.TimeAt(9);
  m.last_sample = row.TimeAt(10);
  AIOPS_TRY(const auto excluded, UnpackValues(row.Text(11)));
  for (size_t i = 0; i < std::min(excluded.size(), m.excluded.size()); ++i)
    m.excluded[i] = excluded[i] > 0 ? static_cast<size_t>(std::min(excluded[i], 1e15)) : 0;
  m.trial = {Count(row, 12), Count(row, 13), std::nullopt, row.Int(15) != 0};
  if (!row.IsNull(14)) m.trial.alerts_in_use = Count(row, 14);
  m.bytes = Count(row, 16);
  m.schema = static_cast<std::uint64_t>(row.Int(17));
  return m;
}

AuditEntry AuditAt(const Statement& row) {
  return {row.Int(0),     row.TimeAt(1),  String(row, 2), String(row, 3),
          String(row, 4), String(row, 5), String(row, 6), static_cast<int>(row.Int(7)),
          String(row, 8), String(row, 9)};
}

}  // namespace aiops
