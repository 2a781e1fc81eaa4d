#include "store/rows.h"

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

// Columns 13 to 19: what was said about it.
void ReadWords(const Statement& row, Anomaly& a) {
  a.summary = String(row, 13);
  a.acknowledged_at = row.OptionalTime(15);
  a.acknowledged_by = String(row, 16);
  a.acknowledged_why = String(row, 17);
  a.evidence = String(row, 18);
  a.root_cause = String(row, 19);
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
  return Judgement{key, row.TimeAt(0), row.Real(1), row.Real(2), row.Real(3), verdict, gate};
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
  ReadWords(row, a);
  return a;
}

StateBlob StateAt(const Statement& row) {
  return {String(row, 0), static_cast<std::uint64_t>(row.Int(1)), row.TimeAt(2), String(row, 3)};
}

OutboxRow OutboxAt(const Statement& row) {
  return {row.Int(0),
          String(row, 1),
          row.Int(2),
          String(row, 3),
          String(row, 4),
          String(row, 5),
          static_cast<int>(row.Int(6)),
          row.TimeAt(7),
          row.TimeAt(8),
          String(row, 9)};
}

AuditEntry AuditAt(const Statement& row) {
  return {row.Int(0),     row.TimeAt(1),  String(row, 2), String(row, 3),
          String(row, 4), String(row, 5), String(row, 6), static_cast<int>(row.Int(7)),
          String(row, 8), String(row, 9)};
}

}  // namespace aiops
