#include "web/openapi.h"

#include <nlohmann/json.hpp>

#include "web/json_values.h"
#include "web/schemas.h"

namespace aiops {
namespace {

Json Reference(const std::string& schema) { return {{"$ref", "#/components/schemas/" + schema}}; }

Json ParamSchema(const Param& p) {
  switch (p.type) {
    case Param::Type::kText:
      return {{"type", "string"},
              {"minLength", 1},
              {"maxLength", kMaxTextParam},
              {"pattern", "^[^\\u0000]*$"}};
    case Param::Type::kInteger: {
      Json schema{{"type", "integer"}, {"minimum", 1}, {"maximum", p.max}};
      if (p.fallback) schema["default"] = *p.fallback;
      return schema;
    }
    case Param::Type::kTime:
      return {{"type", "string"}, {"format", "date-time"}};
    case Param::Type::kChoice:
      return {{"type", "string"}, {"enum", p.choices}};
    case Param::Type::kCursor:
      break;
  }
  return {{"type", "string"}, {"pattern", kCursorPattern}};
}

Json Parameters(const Route& route) {
  Json out = Json::array();
  if (route.path.find("{id}") != std::string::npos) {
    out.push_back(
        {{"name", "id"},
         {"in", "path"},
         {"required", true},
         {"description", "Its number, as the list shows it."},
         {"schema", {{"type", "integer"}, {"minimum", 1}, {"maximum", std::int64_t{1} << 53}}},
         {"example", 1}});
  }
  for (const Param& p : route.query) {
    out.push_back({{"name", p.name},
                   {"in", "query"},
                   {"required", p.required},
                   {"description", p.help},
                   {"schema", ParamSchema(p)}});
  }
  return out;
}

// What any route may answer, because the router, the users or the guard do.
std::vector<RouteAnswer> CommonAnswers(const Route& route) {
  std::vector<RouteAnswer> out{
      {400, "A parameter or the request is wrong; the sentence names it.", "Error"},
      {401, "Users are configured; name or password is missing or wrong.", "Error"},
      {429, "Too many passwords are being checked.", "Error"},
      {503, "Too many requests wait; try again in a few seconds.", "Error"}};
  if (route.method != "GET")
    out.push_back({403, "The Host or the Origin is foreign (web.allowed_hosts).", "Error"});
  if (!route.body.empty()) {
    out.push_back({413, "The body is larger than 64 KiB.", "Error"});
    out.push_back({415, "The body is not application/json.", "Error"});
  }
  return out;
}

Json Response(const RouteAnswer& answer, bool head) {
  Json out{{"description", answer.help}};
  if (head) return out;
  for (const auto& type : answer.types) {
    out["content"][type]["schema"] = type != "application/json" ? Json{{"type", "string"}}
                                     : answer.schema.empty()    ? Json{{"type", "object"}}
                                                                : Reference(answer.schema);
  }
  return out;
}

Json Responses(const Route& route, bool head) {
  std::map<std::string, Json> sorted;
  for (const RouteAnswer& answer : route.answers)
    sorted[std::to_string(answer.status)] = Response(answer, head);
  for (const RouteAnswer& answer : CommonAnswers(route))
    sorted.try_emplace(std::to_string(answer.status), Response(answer, head));
  Json out;
  for (auto& [status, response] : sorted) out[status] = std::move(response);
  return out;
}

// "post /anomalies/{id}/acknowledge" -> "post_anomalies_id_acknowledge".
std::string OperationId(const std::string& method, const std::string& path) {
  std::string id = method;
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (word) id += c;
    if (!word && id.back() != '_') id += '_';
  }
  if (id.back() == '_') id.pop_back();
  return id;
}

Json Operation(const Route& route, const std::string& method) {
  Json out{{"operationId", OperationId(method, route.path)}, {"summary", route.summary}};
  if (Json parameters = Parameters(route); !parameters.empty())
    out["parameters"] = std::move(parameters);
  if (!route.body.empty()) {
    out["requestBody"] = {{"required", false},
                          {"content", {{"application/json", {{"schema", Reference(route.body)}}}}}};
  }
  out["responses"] = Responses(route, method == "head");
  return out;
}

}  // namespace

std::string OpenApiJson(const std::vector<Route>& routes, const std::string& version) {
  Json paths;
  for (const Route& route : routes) {
    const bool get = route.method == "GET";
    paths[route.path][get ? "get" : "post"] = Operation(route, get ? "get" : "post");
    if (get) paths[route.path]["head"] = Operation(route, "head");
  }
  return Dump(
      {{"openapi", "3.1.0"},
       {"info",
        {{"title", "aiops_exporter"},
         {"version", version},
         {"description",
          "Anomalies beside Prometheus. Times are RFC 3339 in UTC; an unknown number is null; an "
          "error is one sentence. What is no request of HTTP/1.1 that is served here is answered "
          "405, 408, 414, 417, 431, 501 or 505, whatever its path."}}},
       {"servers", Json::array({{{"url", "/"}}})},
       {"security", Json::array({Json::object(), {{"basic", Json::array()}}})},
       {"paths", std::move(paths)},
       {"components",
        {{"schemas", ComponentSchemas()},
         {"securitySchemes", {{"basic", {{"type", "http"}, {"scheme", "basic"}}}}}}}});
}

}  // namespace aiops
