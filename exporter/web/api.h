// Api: the routes of docs/api.md and what answers them.
#pragma once

#include <atomic>
#include <functional>
#include <map>
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

// The last of them describes all: GET /openapi.json.
std::vector<Route> ApiRoutes(const ApiContext& context);

// Bodies, one file each. Pure; any byte in the view is made valid.
// What does not work, in sentences: with any of them the status of /health is "degraded".
std::vector<std::string> HealthReasons(const View& view, Time now);                   // health.cc
std::string HealthJson(const View& view, Time now);                                   // health.cc
std::string StatusJson(const View& view, Time now, const OutboxCounts& outbox = {});  // status.cc
std::string StatusPage(const View& view, Time now);                                   // page.cc
std::string AnomalyJson(const Anomaly& anomaly);  // anomalies.cc

WebResponse JsonResponse(std::string body);
WebResponse StoreFailed(const Error& error);  // the 503 of a database that does not answer

// GET /anomalies and /anomalies/{id}: what is stored, and what is open but could not be stored yet.
std::vector<Param> AnomalyParams();
WebResponse ListAnomalies(const Store& store, const View& view, Time now,
                          const WebRequest& request);
WebResponse ShowAnomaly(const Store& store, const View& view, const WebRequest& request);
// GET /audit.
std::vector<Param> AuditParams();
WebResponse ListAudit(const Store& store, Time now, const WebRequest& request);
// GET /why.
std::vector<Param> WhyParams();
WebResponse TellWhy(const Store& store, const View& view, Time now, const WebRequest& request);

// Pushes the command and waits for its result: 202 if it takes longer than kCommandPatience, 503 if
// the server stops meanwhile.
inline constexpr auto kCommandPatience = std::chrono::seconds(30);
WebResponse Execute(CommandQueue& queue, Command command, const std::atomic<bool>& stopping,
                    Duration patience = kCommandPatience);
// POST /anomalies/{id}/acknowledge, with an optional body {"by": "...", "why": "..."}.
WebResponse Acknowledge(const ApiContext& context, const WebRequest& request);
// GET /windows and /mutes, and what begins and ends one.
std::vector<Param> SilenceParams();
WebResponse ListSilences(const View& view, SilenceKind kind, Time now, const WebRequest& request);
WebResponse BeginSilence(const ApiContext& context, SilenceKind kind, const WebRequest& request);
WebResponse EndSilence(const ApiContext& context, SilenceKind kind, const WebRequest& request);
// POST /anomalies/{id}/real and /expected.
WebResponse MarkAnomaly(const ApiContext& context, Mark mark, const WebRequest& request);
// GET /models and /models/{id}; POST /models/{id}/rollback and /models/rollback.
std::vector<Param> ModelParams();
WebResponse ListModels(const Store& store, const View& view, const WebRequest& request);
WebResponse ShowModel(const Store& store, const View& view, const WebRequest& request);
WebResponse RollBack(const ApiContext& context, const WebRequest& request);
// GET /outbox; POST /outbox/{id}/retry and /drop.
std::vector<Param> OutboxParams();
WebResponse ListOutbox(const Store& store, const WebRequest& request);
WebResponse DecideMessage(const ApiContext& context, bool drop, const WebRequest& request);
// Who asks: the authenticated user, else `claimed`, else the peer's address.
Command CommandOf(const WebRequest& request, decltype(Command::action) action,
                  const std::string& claimed = "");

}  // namespace aiops
