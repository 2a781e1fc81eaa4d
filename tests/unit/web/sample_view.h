// A View in which everything is there at least once.
#pragma once

#include <memory>

#include "pipeline/view.h"

namespace aiops {

inline constexpr Time kViewTime = FromUnixMillis(1'700'000'000'000);

inline ModelRecord SampleModel() {
  ModelRecord m;
  m.key = {"server", "home"};
  m.trained_at = kViewTime - hours(24);
  m.used_from = m.trained_at;
  m.why = "schedule";
  m.rows = 750;
  m.first_sample = m.trained_at - hours(24 * 7);
  m.last_sample = m.trained_at;
  m.excluded = {100, 0, 50, 0, 100};
  m.trial = {200, 3, 2, true};
  m.bytes = 200000;
  m.schema = 7;
  return m;
}

inline EntityView SampleEntity(const std::string& name, Verdict verdict) {
  EntityView e;
  e.key = {"server", name};
  e.labels = {{"rack", "a1"}};
  e.verdict = e.learned = verdict;
  e.judged_at = kViewTime;
  e.ready_at = kViewTime;
  e.score.score = e.learned_score = 1.5;
  e.score.level = 0.7;
  e.score.forest = 0.61;
  e.score.coverage = 0.5;
  e.score.warmup = 1;
  e.score.verdict = verdict;
  FeatureScore cpu;
  cpu.value = 93;
  cpu.expected = 20;
  cpu.lower = 10;
  cpu.upper = 30;
  cpu.contribution = 3;
  cpu.anomalous = true;
  FeatureScore memory;  // missing
  e.score.features = {cpu, memory};
  e.model = {true, 10080, 100, 300000, 0.55, 0.6};
  e.in_use = std::make_shared<const ModelRecord>(SampleModel());
  return e;
}

inline Anomaly SampleAnomaly(std::int64_t id, Severity severity = Severity::kCritical) {
  Anomaly a;
  a.id = id;
  a.key = {"server", "home"};
  a.severity = severity;
  a.started_at = a.last_seen_at = kViewTime - minutes(3);
  a.score = 1.5;
  a.summary = "cpu_percent is 93, expected 20";
  a.contributions = {{"cpu_percent", "%", 93, 20, 10, 30, 1.0}};
  return a;
}

inline std::shared_ptr<View> SampleView() {
  auto v = std::make_shared<View>();
  v->built_at = kViewTime;
  v->started_at = kViewTime - minutes(10);
  v->version = "0.1.0";
  v->scopes = {{"server", minutes(1), {}, {}}};
  v->scopes[0].features = {
      {"cpu_percent", "%", "CPU in use.", Direction::kUp, "host", "", 5},
      {"memory_percent", "%", "Memory in use.", Direction::kUp, "host", "", 5}};
  v->entities = {SampleEntity("home", Verdict::kCritical)};
  v->facts = {{{"server", "home"}, "container_down", "nextcloud-db", Severity::kCritical}};
  v->open = {SampleAnomaly(7)};
  v->groups = {{"server", 6, 40, {{"rack", "a1"}}, "6 of 40 entities, all rack=\"a1\""}};
  v->anomalies_total[{"critical", "server", "learned"}] = 2;
  v->gated_total[{"direction", "server"}] = 4;
  v->log_only_total["server"] = 5;
  CollectorView host;
  host.name = "host";
  host.up = host.ran = true;
  host.last_success = kViewTime;
  host.last_duration = milliseconds(12);
  host.failures["timeout"] = 1;
  host.counters[{"files", "unreadable"}] = 3;
  v->collectors = {host};
  JobView detect;
  detect.name = "detect";
  detect.schedule = "every 5m";
  detect.last_run = detect.last_success = kViewTime;
  detect.next_run = kViewTime + minutes(5);
  v->jobs = {detect};
  ReceiverView receiver;
  receiver.name = "alertmanager";
  receiver.kind = "level";
  receiver.up = true;
  receiver.sent = 9;
  receiver.failures["timeout"] = 1;
  receiver.last_success = kViewTime;
  v->receivers = {receiver};
  v->checklist = {{"host", SourceState::kWorks, "/proc"},
                  {"docker", SourceState::kFails, "permission denied: add a group"}};
  v->store.database_bytes = 4096;
  v->rounds_total = 3;
  v->last_round = kViewTime;
  v->last_round_duration = milliseconds(5);
  v->last_training_duration = milliseconds(80);
  v->reload_at = kViewTime;
  v->config = {{"detect.ewma.lambda", "0.2", "default"}};
  return v;
}

}  // namespace aiops
