// Router: from method and path to one handler, with everything refused that no handler asked for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "web/http.h"

namespace aiops {

struct Route {
  std::string method;              // "GET" (answers HEAD too) or "POST"
  std::string path;                // exact, or with one segment "{id}": a positive decimal number
  std::vector<std::string> query;  // the parameters that it knows
  bool takes_body = false;         // a POST with a JSON body; others must come without one
  std::function<WebResponse(const WebRequest&)> handle;
};

// Not changed after construction, so thread-safe.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // The path of the route for metrics ("/anomalies/{id}"), or "other": bounded, unlike paths.
  std::string HandlerName(const std::string& path) const;

  // 404 for an unknown path, 405 with Allow for a wrong method, 400 for unknown query parameters,
  // 415 for a body of another type; else the handler's answer. HEAD keeps the body: the transport
  // drops it, so that Content-Length is right.
  WebResponse Dispatch(WebRequest request) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace aiops
