// Router: from method and path to one handler, with everything refused that no handler asked for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "web/http.h"
#include "web/params.h"

namespace aiops {

// One of the answers that a route gives. Those that every route may give (400 and 401, ...) are
// added by the document.
struct RouteAnswer {
  int status = 200;
  std::string help;    // one sentence
  std::string schema;  // of the JSON body, by its name in web/schemas.cc; empty: text
  std::vector<std::string> types = {"application/json"};
};

// The one place that says what a path takes and gives: the router enforces the first half, and the
// OpenAPI document (web/openapi.h) is printed from it.
struct Route {
  std::string method;  // "GET" (answers HEAD too) or "POST"
  std::string path;    // exact, or with one segment "{id}": a positive decimal number
  std::string summary;
  std::vector<Param> query;
  std::string body;  // schema of the JSON body that may come; empty: must come without one
  std::vector<RouteAnswer> answers;
  std::function<WebResponse(const WebRequest&)> handle;
};

// Not changed after construction, so thread-safe.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // The path of the route for metrics ("/anomalies/{id}"), or "other": bounded, unlike paths.
  std::string HandlerName(const std::string& path) const;

  // 404 for an unknown path, 405 with Allow for a wrong method, 400 for query parameters that are
  // unknown, missing or not of their type, 415 for a body of another type; else the handler's
  // answer. HEAD keeps the body: the transport drops it, so that Content-Length is right.
  WebResponse Dispatch(WebRequest request) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace aiops
