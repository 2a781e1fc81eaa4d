#include "web/metric_table.h"
#include "web/metrics.h"

namespace aiops {
namespace {

double Timestamp(const std::optional<Time>& time) { return time ? UnixSeconds(*time) : kMissing; }

void AddRounds(const View& view, MetricSet& out) {
  out.Add("aiops_rounds_total", {}, static_cast<double>(view.rounds_total));
  out.Add("aiops_round_last_success_timestamp_seconds", {}, Timestamp(view.last_round));
  if (view.last_round) {
    out.Add("aiops_round_duration_seconds", {}, Seconds(view.last_round_duration));
  }
  if (view.last_training_duration > Duration{}) {
    out.Add("aiops_training_duration_seconds", {}, Seconds(view.last_training_duration));
  }
  for (const JobView& job : view.jobs) {
    const auto add = [&](const char* name, double value) {
      out.Add(name, {{"job", job.name}}, value);
    };
    add("aiops_job_last_run_timestamp_seconds", Timestamp(job.last_run));
    add("aiops_job_last_success_timestamp_seconds", Timestamp(job.last_success));
    add("aiops_job_next_run_timestamp_seconds", Timestamp(job.next_run));
    add("aiops_job_duration_seconds", job.last_run ? Seconds(job.last_duration) : kMissing);
  }
}

void AddCollectors(const View& view, MetricSet& out) {
  for (const CollectorView& c : view.collectors) {
    const auto add = [&](const char* name, double value) {
      out.Add(name, {{"collector", c.name}}, value);
    };
    add("aiops_collector_up", c.up ? 1 : 0);
    add("aiops_collector_duration_seconds", c.ran ? Seconds(c.last_duration) : kMissing);
    add("aiops_collector_last_success_timestamp_seconds", Timestamp(c.last_success));
    add("aiops_collector_late_total", static_cast<double>(c.late));
    for (const auto& [reason, count] : c.failures) {
      out.Add("aiops_collector_failures_total", {{"collector", c.name}, {"reason", reason}},
              static_cast<double>(count));
    }
    for (const auto& [key, count] : c.counters) {
      out.Add("aiops_collector_events_total",
              {{"collector", c.name}, {"event", key.first}, {"reason", key.second}}, count);
    }
  }
}

void AddReceivers(const View& view, MetricSet& out) {
  for (const ReceiverView& r : view.receivers) {
    if (r.up) out.Add("aiops_receiver_up", {{"receiver", r.name}}, *r.up ? 1 : 0);
    out.Add("aiops_receiver_last_success_timestamp_seconds", {{"receiver", r.name}},
            Timestamp(r.last_success));
    out.Add("aiops_notifications_total", {{"receiver", r.name}}, static_cast<double>(r.sent));
    for (const auto& [state, rows] : ByName(r.outbox))
      out.Add("aiops_outbox_messages", {{"receiver", r.name}, {"state", state}},
              static_cast<double>(rows));
    for (const auto& [reason, count] : r.failures) {
      out.Add("aiops_notifications_failed_total", {{"receiver", r.name}, {"reason", reason}},
              static_cast<double>(count));
    }
  }
}

void AddStore(const View& view, MetricSet& out) {
  out.Add("aiops_store_up", {}, view.store.up ? 1 : 0);
  out.Add("aiops_store_database_bytes", {}, static_cast<double>(view.store.database_bytes));
  out.Add("aiops_store_wal_bytes", {}, static_cast<double>(view.store.wal_bytes));
  out.Add("aiops_store_samples", {}, static_cast<double>(view.store.sample_rows));
  out.Add("aiops_store_backlog", {}, static_cast<double>(view.store_backlog));
  out.Add("aiops_store_dropped_total", {}, static_cast<double>(view.store_dropped));
  out.Add("aiops_store_commit_failures_total", {}, static_cast<double>(view.store.commit_failures));
}

}  // namespace

void AddOperationMetrics(const View& view, MetricSet& out) {
  AddRounds(view, out);
  AddCollectors(view, out);
  AddStore(view, out);
  AddReceivers(view, out);
  out.Add("aiops_config_last_reload_successful", {}, view.reload_ok ? 1 : 0);
  if (view.reload_at != Time{}) {
    out.Add("aiops_config_last_reload_success_timestamp_seconds", {}, UnixSeconds(view.reload_at));
  }
  const std::string compiler = __VERSION__;
  out.Add("aiops_build_info", {{"version", view.version}, {"compiler", compiler}}, 1);
}

}  // namespace aiops
