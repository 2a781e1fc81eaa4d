// The try-out: what the daemon does when nobody has written a configuration yet.
#include <unistd.h>

#include <filesystem>

#include "app/setup.h"
#include "base/log.h"
#include "collect/nginx/usual_log.h"
#include "collect/read_access.h"

namespace aiops {
namespace {

constexpr const char* kSocket = "/var/run/docker.sock";
constexpr const char* kPrometheus = "http://127.0.0.1:9090";

// Rounds in seconds; the rest is added by what is found.
constexpr const char* kBase = R"(store:
  path: data/tryout.db
detect:
  interval: 15s
  boot_grace: 0s
)";

SourceCheck CheckNginx() {
  std::error_code ignored;
  if (!std::filesystem::exists(kUsualNginxLog, ignored)) {
    return {"nginx_log", SourceState::kOff,
            std::string("not found: no log at ") + kUsualNginxLog +
                ": name yours in aiops.yml under collect.nginx.logs (`aiopsctl init` writes one)"};
  }
  if (access(kUsualNginxLog, R_OK) != 0) {
    return {"nginx_log", SourceState::kFails,
            std::string(kUsualNginxLog) + " is not readable: " + ReadAccessAdvice(kUsualNginxLog)};
  }
  return {"nginx_log", SourceState::kWorks, std::string("reading ") + kUsualNginxLog};
}

SourceCheck CheckDocker(bool wanted) {
  if (!wanted) {
    return {"docker", SourceState::kOff,
            "off: start with --docker to watch containers (the socket gives full control of the "
            "machine to whoever reads it, so nothing uses it unasked)"};
  }
  if (access(kSocket, R_OK | W_OK) != 0)
    return {"docker", SourceState::kFails,
            std::string(kSocket) + " is not there or not accessible to this user"};
  return {"docker", SourceState::kWorks, std::string("asking ") + kSocket};
}

// Of use only with node_exporter behind it: the five features of the machine come from there.
SourceCheck CheckPrometheus(HttpClient& http) {
  HttpRequest request{.path = "/api/v1/query",
                      .query = "query=" + UrlEncode("count(node_cpu_seconds_total)"),
                      .timeout = seconds(1)};
  const auto answer = http.Send({.base_url = kPrometheus}, request, {});
  if (!answer || answer->status != 200)
    return {"prometheus", SourceState::kOff,
            std::string("not found: none answers at ") + kPrometheus + ": using /proc"};
  if (answer->body.find("\"result\":[]") != std::string::npos) {
    return {"prometheus", SourceState::kOff,
            std::string(kPrometheus) + " answers but scrapes no node_exporter: using /proc"};
  }
  return {"prometheus", SourceState::kWorks, std::string("asking ") + kPrometheus};
}

bool Works(const SourceCheck& check) { return check.state == SourceState::kWorks; }

std::string Disable(std::initializer_list<const char*> features) {
  std::string out;
  for (const char* feature : features)
    out += std::string("      ") + feature + ": {enabled: false}\n";
  return out;
}

}  // namespace

Sources TryoutSources(bool docker, HttpClient& http, std::vector<SourceCheck>* checklist) {
  const SourceCheck nginx = CheckNginx(), socket = CheckDocker(docker),
                    prometheus = CheckPrometheus(http);
  std::string text = kBase;
  text += "collect:\n  interval: 3s\n  deadline: 2500ms\n";
  if (Works(nginx))
    text += std::string("  nginx:\n    grace: 1s\n    logs: [") + kUsualNginxLog + "]\n";
  if (Works(socket)) text += std::string("  docker:\n    socket: ") + kSocket + "\n";
  if (Works(prometheus)) text += std::string("  prometheus:\n    url: ") + kPrometheus + "\n";
  std::string off;
  if (!Works(nginx))
    off += Disable({"request_rate", "error_rate_4xx", "error_rate_5xx", "unique_ips_per_min",
                    "avg_response_size"});
  if (!Works(socket)) off += Disable({"container_count_unhealthy"});
  if (!off.empty()) text += "scopes:\n  server:\n    features:\n" + off;
  for (const auto& check : {nginx, prometheus, socket})
    if (!Works(check)) checklist->push_back(check);
  return {.file = "the embedded try-out", .text = text, .env = AgentEnvironment()};
}

}  // namespace aiops
