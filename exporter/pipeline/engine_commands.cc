// What people tell the engine of its anomalies.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "pipeline/engine.h"

namespace aiops {

Result<std::optional<Anomaly>> Engine::FindAnomaly(std::int64_t id) const {
  for (Anomaly& anomaly : tracker_.open())
    if (anomaly.id == id) return std::optional(std::move(anomaly));
  // What is stored of a closed one is the truth only when nothing waits to be written over it.
  if (backlog() != 0) return Unavailable("data waits for the database; see /health, and try again");
  return store_.ReadAnomaly(id);
}

Result<std::optional<Engine::Acknowledgement>> Engine::Acknowledge(std::int64_t id, Time now,
                                                                   const std::string& by,
                                                                   const std::string& why,
                                                                   Changes& changes) {
  AIOPS_TRY(auto anomaly, FindAnomaly(id));
  if (!anomaly) return std::optional<Acknowledgement>();
  if (anomaly->acknowledged_at) return std::optional(Acknowledgement{*std::move(anomaly), true});
  anomaly->acknowledged_at = now;
  anomaly->acknowledged_by = by;
  anomaly->acknowledged_why = why;
  tracker_.Acknowledge(id, now, by, why);
  LogInfo("anomaly acknowledged",
          {{"id", id}, {"entity", anomaly->key.entity}, {"by", by}, {"why", why}});
  changes.anomalies.push_back(*anomaly);
  return std::optional(Acknowledgement{*std::move(anomaly), false});
}

void Engine::MarkSamples(const Anomaly& anomaly, Changes& changes) const {
  const bool real = anomaly.mark == Mark::kReal;
  const Time until = anomaly.ended_at.value_or(anomaly.last_seen_at);
  changes.reflags.push_back({anomaly.key.scope, anomaly.key.entity, anomaly.started_at,
                             std::max(until, anomaly.last_seen_at),
                             real ? kConfirmedReal : kExpected, real ? kExpected : kConfirmedReal});
}

Result<std::optional<Anomaly>> Engine::MarkAnomaly(const MarkCommand& command, Time now,
                                                   const std::string& by, Changes& changes) {
  AIOPS_TRY(auto anomaly, FindAnomaly(command.anomaly_id));
  if (!anomaly) return std::optional<Anomaly>();
  anomaly->mark = command.mark;
  anomaly->marked_at = now;
  anomaly->marked_by = by;
  anomaly->marked_why = command.why;
  tracker_.TakeMark(*anomaly);
  changes.anomalies.push_back(*anomaly);
  return anomaly;
}

// A day of samples a transaction: many entities may be marked over weeks.
void Engine::RecordSlices(const Reflag& whole) {
  for (Time from = whole.from; from <= whole.until; from += hours(24)) {
    Reflag slice = whole;
    slice.from = from;
    slice.until = std::min(whole.until, from + hours(24) - Duration(1));
    Changes changes;
    changes.reflags.push_back(std::move(slice));
    journal_.Commit(std::move(changes));
  }
}

void Engine::Record(Changes changes) {
  const auto reflags = std::exchange(changes.reflags, {});
  if (changes.anomalies.empty())
    journal_.Commit(std::move(changes));
  else
    Commit(std::move(changes));
  for (const Reflag& reflag : reflags) RecordSlices(reflag);
}

}  // namespace aiops
