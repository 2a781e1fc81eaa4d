#include <nlohmann/json.hpp>

#include "text/human_number.h"
#include "web/api.h"
#include "web/json_values.h"

namespace aiops {
namespace {

constexpr Duration kOverdue = minutes(2);  // beyond any deadline of a collection

}  // namespace

std::vector<std::string> HealthReasons(const View& view, Time now) {
  std::vector<std::string> reasons;
  if (!view.store.up) reasons.push_back("the database does not take data: " + view.store.error);
  for (const CollectorView& c : view.collectors) {
    if (c.ran && !c.up) reasons.push_back("collector " + c.name + " failed: " + c.error);
  }
  for (const ReceiverView& r : view.receivers) {
    if (r.up == false) {
      reasons.push_back("receiver " + r.name + " failed: " + r.last_error);
    }
    if (const auto failed = r.outbox.find(OutboxState::kFailed); failed != r.outbox.end())
      reasons.push_back(CountText(static_cast<size_t>(failed->second), "message") + " to " +
                        r.name +
                        " could not be delivered; `aiopsctl outbox list --state failed` tells "
                        "which and why, `retry` and `drop` end it");
  }
  for (const JobView& j : view.jobs) {
    if (j.next_run && now > *j.next_run + kOverdue)
      reasons.push_back("job " + j.name + " is overdue since " + FormatTime(*j.next_run));
  }
  if (!view.reload_ok) reasons.push_back("the last reload failed: " + view.reload_error);
  return reasons;
}

std::string HealthJson(const View& view, Time now) {
  const std::vector<std::string> reasons = HealthReasons(view, now);
  bool model = false;
  Json trained = nullptr;
  for (const EntityView& e : view.entities) {
    model = model || e.model.present;
    if (const auto at = e.trained_at()) trained = FormatTime(*at);
  }
  const bool started = view.started_at != Time{};
  Json out;
  out["status"] = !reasons.empty() ? "degraded" : view.last_round ? "ok" : "starting";
  out["uptime"] = started ? Seconds(now - view.started_at) : 0;
  out["model_loaded"] = model;
  out["model_trained_at"] = trained;
  out["version"] = view.version;
  out["reasons"] = reasons;
  out["store"] = {{"up", view.store.up}, {"backlog", view.store_backlog}};
  out["last_round"] = TimeJson(view.last_round);
  out["open_anomalies"] = view.open.size();
  return Dump(out);
}

}  // namespace aiops
