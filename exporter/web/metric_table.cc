#include "web/metric_table.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/result.h"

namespace aiops {
namespace {

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kCounter = prometheus::MetricType::Counter;

// clang-format off
constexpr MetricInfo kTable[] = {
    // The verdict.
    {"aiops_anomaly_score", kGauge, "entity, scope", "", "How anomalous the newest judged sample is: 1 is the WARNING threshold."},
    {"aiops_anomaly_level", kGauge, "entity, scope", "", "Smooth ranking of how unusual the last minutes are; for charts and worst-first lists."},
    {"aiops_verdict", kGauge, "entity, scope, verdict", "", "State set: 1 for the verdict in force, 0 for the others; unknown is never shown as normal."},
    {"aiops_fact_active", kGauge, "entity, scope, fact, object", "", "1 while a known-bad condition holds; absent otherwise."},
    {"aiops_forest_score", kGauge, "entity, scope", "", "Isolation Forest score of the newest judged sample, in (0, 1]; absent without a model."},
    {"aiops_forest_threshold", kGauge, "entity, scope, severity", "", "Isolation Forest score beyond which the forest says warning or critical."},
    {"aiops_ewma_anomalies", kGauge, "entity, scope", "", "Features with an EWMA anomaly in the newest judged sample."},
    {"aiops_coverage_ratio", kGauge, "entity, scope", "ratio", "Share of the scope's configured features that are present in the newest judged sample."},
    {"aiops_warmup_ratio", kGauge, "entity, scope", "ratio", "Progress of warming up; 1 when judging in earnest."},
    {"aiops_ready_timestamp_seconds", kGauge, "entity, scope", "seconds", "From when the entity is judged in earnest (estimated while warming up)."},
    {"aiops_entity_info", kGauge, "entity, scope, the entity's own labels", "", "Always 1; the entity's own labels, to join with."},
    // Its features.
    {"aiops_feature_value", kGauge, "entity, scope, feature", "", "Value of the feature in the newest judged sample, in the unit of aiops_feature_info."},
    {"aiops_feature_expected", kGauge, "entity, scope, feature", "", "Value that was expected of the feature before the sample was learned."},
    {"aiops_feature_lower_bound", kGauge, "entity, scope, feature", "", "Lower end of the expected band."},
    {"aiops_feature_upper_bound", kGauge, "entity, scope, feature", "", "Upper end of the expected band."},
    {"aiops_feature_contribution_ratio", kGauge, "entity, scope, feature", "ratio", "How much the feature speaks for the anomaly; the shares of an entity sum to 1, or are absent."},
    {"aiops_feature_info", kGauge, "scope, feature, unit, direction, source", "", "Always 1; unit, bad direction and source of a configured feature."},
    // Anomalies.
    {"aiops_open_anomalies", kGauge, "scope, severity", "", "Anomalies that are open now."},
    {"aiops_anomalies_total", kCounter, "scope, severity, kind", "", "Anomalies opened since the start, at the severity that they opened with."},
    {"aiops_gated_total", kCounter, "scope, gate", "", "Judgements and facts that a gate lowered, held back or left unknown."},
    {"aiops_log_only_total", kCounter, "scope", "", "Judgements with exactly one anomalous feature: logged, not told."},
    // Models and rounds.
    {"aiops_model_trained_timestamp_seconds", kGauge, "entity, scope", "seconds", "When the model in use was trained; absent without one."},
    {"aiops_model_rows", kGauge, "entity, scope", "", "Samples that the model in use was trained on."},
    {"aiops_model_bytes", kGauge, "entity, scope", "bytes", "Size of the model in use."},
    {"aiops_model_excluded_ratio", kGauge, "entity, scope, reason", "ratio", "Share of the samples in the training window of the model in use that were left out, by reason; absent where none was."},
    {"aiops_model_trial_alert_ratio", kGauge, "entity, scope", "ratio", "Share of held-out samples that a model of the others alerted about, when the model in use was trained; absent without a trial."},
    {"aiops_trainings_total", kCounter, "scope, result", "", "Trainings that ended since the start: adopted, refused (the old model stays) or failed."},
    {"aiops_training_duration_seconds", kGauge, "", "seconds", "How long the last training took."},
    {"aiops_rounds_total", kCounter, "", "", "Detection rounds since the start."},
    {"aiops_round_last_success_timestamp_seconds", kGauge, "", "seconds", "When the last detection round ended."},
    {"aiops_round_duration_seconds", kGauge, "", "seconds", "How long the last detection round took."},
    {"aiops_job_last_run_timestamp_seconds", kGauge, "job", "seconds", "When the scheduled job last ran."},
    {"aiops_job_last_success_timestamp_seconds", kGauge, "job", "seconds", "When the scheduled job last succeeded."},
    {"aiops_job_next_run_timestamp_seconds", kGauge, "job", "seconds", "When the scheduled job runs next."},
    {"aiops_job_duration_seconds", kGauge, "job", "seconds", "How long the scheduled job last took."},
    // Sources.
    {"aiops_collector_up", kGauge, "collector", "", "Whether the collector's last tick succeeded."},
    {"aiops_collector_duration_seconds", kGauge, "collector", "seconds", "How long the collector's last tick took."},
    {"aiops_collector_last_success_timestamp_seconds", kGauge, "collector", "seconds", "When the collector last succeeded."},
    {"aiops_collector_failures_total", kCounter, "collector, reason", "", "Ticks at which the collector failed."},
    {"aiops_collector_late_total", kCounter, "collector", "", "Answers that came after the deadline and were dropped."},
    {"aiops_collector_events_total", kCounter, "collector, event, reason", "", "What the collector counts about its source: lines, rotations, refused series."},
    // Store.
    {"aiops_store_up", kGauge, "", "", "Whether the database takes what it is given."},
    {"aiops_store_database_bytes", kGauge, "", "bytes", "Size of the database file."},
    {"aiops_store_wal_bytes", kGauge, "", "bytes", "Size of the database's write-ahead log."},
    {"aiops_store_samples", kGauge, "", "", "Samples in the database, approximately."},
    {"aiops_store_backlog", kGauge, "", "", "Transactions that wait for the database."},
    {"aiops_store_dropped_total", kCounter, "", "", "Transactions that were given up: refused for good, or too many to wait."},
    {"aiops_store_commit_failures_total", kCounter, "", "", "Transactions that the database refused."},
    // Receivers.
    {"aiops_receiver_up", kGauge, "receiver", "", "Whether the receiver took the last notification; absent while there was none to take."},
    {"aiops_receiver_last_success_timestamp_seconds", kGauge, "receiver", "seconds", "When the receiver last took a notification."},
    {"aiops_notifications_total", kCounter, "receiver", "", "Notifications that the receiver took."},
    {"aiops_notifications_failed_total", kCounter, "receiver, reason", "", "Notifications that the receiver did not take."},
    {"aiops_outbox_messages", kGauge, "receiver, state", "", "Messages of the receiver in the outbox: pending wait, failed and expired were given up."},
    // The daemon itself.
    {"aiops_config_last_reload_successful", kGauge, "", "", "Whether the last reload of the configuration succeeded."},
    {"aiops_config_last_reload_success_timestamp_seconds", kGauge, "", "seconds", "When the configuration in force was read."},
    {"aiops_http_requests_total", kCounter, "code, handler", "", "Requests that were answered."},
    {"aiops_build_info", kGauge, "version, compiler", "", "Always 1; what this program was built from."},
    {"process_cpu_seconds_total", kCounter, "", "seconds", "Total user and system CPU time spent in seconds."},
    {"process_open_fds", kGauge, "", "", "Number of open file descriptors."},
    {"process_max_fds", kGauge, "", "", "Maximum number of open file descriptors."},
    {"process_virtual_memory_bytes", kGauge, "", "bytes", "Virtual memory size in bytes."},
    {"process_resident_memory_bytes", kGauge, "", "bytes", "Resident memory size in bytes."},
    {"process_start_time_seconds", kGauge, "", "seconds", "Start time of the process since unix epoch in seconds."},
    {"process_threads", kGauge, "", "", "Number of threads."},
};
// clang-format on

size_t IndexOf(std::string_view name) {
  static const auto* index = [] {
    auto* made = new std::map<std::string_view, size_t>;
    for (size_t i = 0; i < std::size(kTable); ++i) made->emplace(kTable[i].name, i);
    return made;
  }();
  const auto found = index->find(name);
  AIOPS_CHECK(found != index->end());
  return found->second;
}

}  // namespace

std::span<const MetricInfo> MetricTable() { return kTable; }

std::string MetricsReference() {
  std::string out =
      "# Metrics\n\nEverything that `/metrics` can show. A number that is not there is absent, "
      "never "
      "NaN; an entity that vanished takes its series along. Above `web.per_feature_series_limit` "
      "entities the `aiops_feature_*` series of an entity are there only while it is anomalous.\n\n"
      "| metric | type | labels | unit | help |\n|---|---|---|---|---|\n";
  for (const MetricInfo& row : kTable) {
    out += std::string("| `") + row.name + "` | " + (row.type == kCounter ? "counter" : "gauge") +
           " | " + row.labels + " | " + row.unit + " | " + row.help + " |\n";
  }
  return out;
}

MetricSet::MetricSet() : families_(std::size(kTable)) {
  for (size_t i = 0; i < families_.size(); ++i) {
    families_[i].name = kTable[i].name;
    families_[i].help = kTable[i].help;
    families_[i].type = kTable[i].type;
  }
}

void MetricSet::Add(std::string_view name, std::initializer_list<Label> labels, double value) {
  std::vector<prometheus::ClientMetric::Label> owned;
  owned.reserve(labels.size());
  for (const auto& [label, text] : labels) owned.push_back({label, text});
  Add(name, std::move(owned), value);
}

void MetricSet::Add(std::string_view name, std::vector<prometheus::ClientMetric::Label> labels,
                    double value) {
  if (std::isnan(value)) return;
  prometheus::MetricFamily& family = families_[IndexOf(name)];
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  (family.type == kCounter ? metric.counter.value : metric.gauge.value) = value;
}

}  // namespace aiops
