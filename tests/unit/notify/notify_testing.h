// Anomalies that the notifiers' tests tell.
#pragma once

#include <string>

#include "model/anomaly.h"

namespace aiops {

inline constexpr Time kNow = FromUnixMillis(1'700'000'000'000);  // 2023-11-14T22:13:20Z
inline constexpr Time kStart = kNow - minutes(10);

inline Anomaly Learned(std::int64_t id = 7, Severity severity = Severity::kWarning) {
  Anomaly a;
  a.id = id;
  a.key = {"server", "nas"};
  a.labels = {{"rack", "r1"}};
  a.severity = severity;
  a.started_at = kStart;
  a.last_seen_at = kNow;
  a.score = 1.75;
  a.summary = "request_rate is far above what is usual";
  a.contributions = {{"request_rate", "requests/s", 830.4, 12, 3.1, 25, 0.6},
                     {"network_tx", "B/s", 5'250'000, 120'000, kMissing, kMissing, 0.2},
                     {"cpu_percent", "%", 93.26, kMissing, kMissing, kMissing, 0.15},
                     {"disk_io", "%", 3, 2, 1, 4, 0.05}};
  return a;
}

inline Anomaly Down(const std::string& container) {
  Anomaly a;
  a.id = 8;
  a.key = {"server", "nas"};
  a.kind = AnomalyKind::kFact;
  a.fact = "container_down";
  a.object = container;
  a.severity = Severity::kCritical;
  a.started_at = kStart;
  a.summary = container + " exited with 137";
  return a;
}

inline Anomaly Closed(Anomaly a, Time end) {
  a.state = AnomalyState::kClosed;
  a.ended_at = end;
  return a;
}

}  // namespace aiops
