#include "web/router.h"

#include <charconv>
#include <optional>

namespace aiops {
namespace {

constexpr std::string_view kId = "{id}";

std::optional<std::int64_t> ParseId(std::string_view text) {
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, id);
  if (failed != std::errc() || stop != end || id <= 0) return std::nullopt;
  return id;
}

bool Matches(const std::string& pattern, const std::string& path, std::int64_t& id) {
  const size_t at = pattern.find(kId);
  if (at == std::string::npos) return pattern == path;
  const std::string_view tail = std::string_view(pattern).substr(at + kId.size());
  if (path.size() <= at + tail.size() || path.compare(0, at, pattern, 0, at) != 0 ||
      !path.ends_with(tail)) {
    return false;
  }
  const auto parsed = ParseId(std::string_view(path).substr(at, path.size() - at - tail.size()));
  if (parsed) id = *parsed;
  return parsed.has_value();
}

bool Answers(const Route& route, const std::string& method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

WebResponse NotAllowed(const std::vector<const Route*>& candidates) {
  std::string allow;
  for (const Route* route : candidates) {
    allow += (allow.empty() ? "" : ", ") + route->method;
    if (route->method == "GET") allow += ", HEAD";
  }
  WebResponse response = ErrorResponse(405, "this path answers only " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool IsJson(std::string type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return type == "application/json";
}

// What is wrong with the request for this route, if anything.
std::optional<WebResponse> Refuse(const Route& route, WebRequest& request) {
  std::string error;
  if (!ParseQuery(request.query, request.params, error)) return ErrorResponse(400, error);
  if (const auto wrong = CheckParams(route.query, request)) return ErrorResponse(400, *wrong);
  if (request.body.empty()) return std::nullopt;
  if (route.body.empty()) return ErrorResponse(400, "this path takes no body");
  if (!IsJson(request.content_type)) {
    return ErrorResponse(415, "send the body as Content-Type: application/json");
  }
  return std::nullopt;
}

}  // namespace

std::string Router::HandlerName(const std::string& path) const {
  std::int64_t id = 0;
  for (const Route& route : routes_) {
    if (Matches(route.path, path, id)) return route.path;
  }
  return "other";
}

WebResponse Router::Dispatch(WebRequest request) const {
  std::vector<const Route*> candidates;
  for (const Route& route : routes_) {
    if (Matches(route.path, request.path, request.id)) candidates.push_back(&route);
  }
  if (candidates.empty()) {
    return ErrorResponse(404, "nothing is here; / is a page, /status and /metrics tell everything");
  }
  for (const Route* route : candidates) {
    if (!Answers(*route, request.method)) continue;
    if (auto refused = Refuse(*route, request)) return *refused;
    return route->handle(request);
  }
  return NotAllowed(candidates);
}

}  // namespace aiops
