// What people said of anomalies, for what comes at the same time of other days.
#include <algorithm>
#include <utility>

#include "pipeline/detector_driver.h"
#include "pipeline/judge.h"

namespace aiops {
namespace {

constexpr Duration kLongest = hours(6);           // what lasts longer has no time of day
constexpr Duration kRemembered = hours(24 * 32);  // as detectors/expected_hours.h
constexpr Duration kQuarter = minutes(15);

Duration Lasted(const Anomaly& anomaly) { return anomaly.last_seen_at - anomaly.started_at; }

}  // namespace

bool Judge::CanExpect(const Anomaly& anomaly) const {
  return anomaly.kind == AnomalyKind::kLearned && config_.detect.mode == "calibrated" &&
         Lasted(anomaly) <= kLongest;
}

void Judge::Mark(const Anomaly& anomaly) {
  const auto it = entities_.find(anomaly.key);
  const bool expected = anomaly.mark == aiops::Mark::kExpected;
  if (it == entities_.end() || anomaly.mark == aiops::Mark::kNone || !CanExpect(anomaly)) return;
  const Time until = anomaly.last_seen_at;
  for (Time at = anomaly.started_at; at < until + kQuarter; at += kQuarter)
    it->second.detector->Mark(MomentOf(std::min(at, until), config_.timezone), expected,
                              anomaly.score);
}

Result<void> Judge::LoadMarks(Time now) {
  AnomalyQuery query;
  query.since = now - kRemembered;
  query.kind = AnomalyKind::kLearned;
  query.marked = true;
  query.limit = 0;
  AIOPS_TRY(auto anomalies, store_.ReadAnomalies(query));
  // The newest first: what was said last of an hour counts.
  std::reverse(anomalies.begin(), anomalies.end());
  for (const Anomaly& anomaly : anomalies) Mark(anomaly);
  return {};
}

}  // namespace aiops
