// Api: the routes of docs/api.md and what answers them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/command_queue.h"
#include "pipeline/view.h"
#include "store/store.h"
#include "web/metrics.h"
#include "web/router.h"

namespace aiops {

// Referred things outlive the routes.
struct ApiContext {
  const Clock& clock;
  const ViewCell& view;
  CommandQueue& commands;
  const Store& store;
  const RequestCounter& requests;
  const std::atomic<bool>& stopping;  // requests that wait give up
  std::function<int()> per_feature_limit;
};

std::vector<Route> ApiRoutes(const ApiContext& context);

// Bodies, one file each. Pure; any byte in the view is made valid.
std::string HealthJson(const View& view, Time now);  // health.cc
std::string StatusJson(const View& view, Time now);  // status.cc
std::string StatusPage(const View& view, Time now);  // page.cc
std::string AnomalyJson(const Anomaly& anomaly);     // anomalies.cc

// GET /anomalies and /anomalies/{id}.
WebResponse ListAnomalies(const Store& store, Time now, const WebRequest& request);
WebResponse ShowAnomaly(const Store& store, const WebRequest& request);

// Pushes the command and waits for its result: 202 if it takes longer than kCommandPatience, 503 if
// the server stops meanwhile.
inline constexpr auto kCommandPatience = std::chrono::seconds(30);
WebResponse Execute(CommandQueue& queue, Command command, const std::atomic<bool>& stopping,
                    Duration patience = kCommandPatience);
// POST /anomalies/{id}/acknowledge, with an optional body {"by": "...", "why": "..."}; who
// logged in wins over `by`.
WebResponse Acknowledge(const ApiContext& context, const WebRequest& request);
// "http 127.0.0.1", or "http <user>".
std::string Requester(const WebRequest& request);

}  // namespace aiops
