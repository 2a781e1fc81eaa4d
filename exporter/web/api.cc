#include "web/api.h"

#include "web/overview.h"
#include "web/page_files.h"
#include "web/series.h"

namespace aiops {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kPlain = "text/plain; charset=utf-8";

WebResponse Text(const char* type, std::string body) {
  WebResponse response;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

// Browsers name text/html first; scripts say nothing, */* or application/json.
bool WantsHtml(const WebRequest& request) {
  const size_t html = request.accept.find("text/html");
  return html != std::string::npos && html < request.accept.find("application/json");
}

WebResponse Metrics(const ApiContext& c, const WebRequest& request) {
  const ExpositionFormat format = NegotiateExposition(request.accept);
  WebResponse response;
  response.content_type = ContentType(format);
  response.body = RenderMetrics(*c.view.Get(), c.per_feature_limit(), c.requests, format);
  return response;
}

WebResponse Ready(const ApiContext& c) {
  if (!c.view.Get()->last_round) return ErrorResponse(503, "the first round has not been run yet");
  return Text(kPlain, "ready\n");
}

WebResponse Status(const ApiContext& c, const WebRequest& request) {
  const auto view = c.view.Get();
  if (WantsHtml(request)) return Text(kHtml, StatusPage(*view, c.clock.Now()));
  return Text("application/json", StatusJson(*view, c.clock.Now()));
}

Route Get(std::string path, std::function<WebResponse(const WebRequest&)> handle,
          std::vector<std::string> query = {}) {
  return {"GET", std::move(path), std::move(query), false, std::move(handle)};
}

Route File(std::string path, const char* type, std::string_view text) {
  return Get(std::move(path),
             [type, text](const WebRequest&) { return Text(type, std::string(text)); });
}

template <class Action>
Route Post(std::string path, const ApiContext& c, Action action) {
  return {"POST", std::move(path), {}, false, [c, action](const WebRequest& request) {
            return Execute(c.commands, {action, Requester(request)}, c.stopping);
          }};
}

}  // namespace

std::vector<Route> ApiRoutes(const ApiContext& c) {
  return {
      File("/", kHtml, kPageHtml),
      File("/page.css", "text/css; charset=utf-8", kPageCss),
      File("/page.js", "text/javascript; charset=utf-8", kPageJs),
      Get("/overview",
          [c](const WebRequest& request) {
            return Overview(*c.view.Get(), c.clock.Now(), request);
          },
          {"search", "sort", "limit"}),
      Get("/series",
          [c](const WebRequest& request) {
            return Series(*c.view.Get(), c.store, c.clock.Now(), request);
          },
          {"entity", "scope", "feature", "hours"}),
      Get("/health",
          [c](const WebRequest&) {
            return Text("application/json", HealthJson(*c.view.Get(), c.clock.Now()));
          }),
      Get("/status", [c](const WebRequest& request) { return Status(c, request); }),
      Get("/metrics", [c](const WebRequest& request) { return Metrics(c, request); }),
      Get("/anomalies",
          [c](const WebRequest& request) { return ListAnomalies(c.store, c.clock.Now(), request); },
          {"hours", "entity", "scope", "kind", "state", "severity", "limit", "cursor"}),
      Get("/anomalies/{id}",
          [c](const WebRequest& request) { return ShowAnomaly(c.store, request); }),
      {"POST",
       "/anomalies/{id}/acknowledge",
       {},
       true,
       [c](const WebRequest& request) { return Acknowledge(c, request); }},
      Post("/run", c, RunCommand{}),
      Post("/train", c, TrainCommand{}),
      Post("/-/reload", c, ReloadCommand{}),
      Get("/-/healthy", [](const WebRequest&) { return Text(kPlain, "healthy\n"); }),
      Get("/-/ready", [c](const WebRequest&) { return Ready(c); }),
  };
}

}  // namespace aiops
