#include "ctl/starter_config.h"

namespace aiops {
namespace {

// A YAML scalar in double quotes. The text holds no control characters.
std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string NginxPart(const Discovery& found) {
  if (found.nginx_pattern.empty())
    return "  # No access log of Nginx could be read here. With one, uncomment this, and delete "
           "its\n"
           "  # features from the part `scopes` below:\n"
           "  # nginx:\n"
           "  #   logs: [/var/log/nginx/*access*.log]\n";
  return "  nginx:\n    logs: [" + Quoted(found.nginx_pattern) + "]\n";
}

std::string PrometheusPart(const Discovery& found) {
  if (found.prometheus.empty())
    return "  # No Prometheus answered here: processor, memory, disks and network are read from "
           "/proc.\n"
           "  # prometheus:\n"
           "  #   url: http://127.0.0.1:9090\n";
  return "  # Processor, memory, disks and network by PromQL over node_exporter.\n"
         "  prometheus:\n    url: " +
         Quoted(found.prometheus) +
         "\n    scrape_interval: " + FormatDuration(found.scrape_interval.value_or(seconds(15))) +
         (found.scrape_interval ? "   # of its targets, as it says\n"
                                : "   # as in prometheus.yml\n");
}

std::string DockerPart(const Discovery& found) {
  const std::string socket =
      found.docker_socket.empty() ? "/var/run/docker.sock" : found.docker_socket;
  return "  # Watching containers is opt-in: whoever may read this socket may do anything on this\n"
         "  # machine, as root. A socket proxy that only allows GET is safer: "
         "tcp://127.0.0.1:2375.\n"
         "  # With it, delete its feature from the part `scopes` below.\n"
         "  # docker:\n"
         "  #   socket: " +
         Quoted(socket) + "\n";
}

// Features that nobody measures would only lower the coverage.
std::string ScopesPart(const Discovery& found) {
  const auto off = [](const char* feature) {
    return std::string("      ") + feature + ": {enabled: false}\n";
  };
  std::string out =
      "\n# The shipped features, without those that nothing here measures.\n"
      "scopes:\n  server:\n    features:\n";
  if (found.nginx_pattern.empty()) {
    for (const char* feature : {"request_rate", "error_rate_4xx", "error_rate_5xx",
                                "unique_ips_per_min", "avg_response_size"})
      out += off(feature);
  }
  return out + off("container_count_unhealthy");
}

std::string NotifyPart(const Discovery& found) {
  if (found.alertmanager.empty())
    return "\n# Nobody is told yet: no Alertmanager answered here.\n"
           "# notify:\n"
           "#   alertmanager:\n"
           "#     urls: [http://127.0.0.1:9093]\n";
  return "\nnotify:\n  alertmanager:\n    urls: [" + Quoted(found.alertmanager) + "]\n";
}

}  // namespace

std::string StarterConfig(const Discovery& found) {
  return "# aiops.yml, written by `aiopsctl init` for what it found on this machine.\n"
         "# Every key: `aiopsctl config-reference`. Check after a change: `aiopsctl "
         "check-config`.\n"
         "\n"
         "# For schedules and messages.\n"
         "timezone: " +
         Quoted(found.timezone) +
         "\n\nstore:\n  path: data/aiops.db   # its folder is made\n"
         "\nweb:\n  listen_address: 127.0.0.1:8100   # only this machine; \":8100\" for all\n"
         "\ncollect:\n  interval: 1m\n" +
         NginxPart(found) + PrometheusPart(found) + DockerPart(found) + ScopesPart(found) +
         NotifyPart(found);
}

}  // namespace aiops
