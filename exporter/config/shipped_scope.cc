#include <array>

#include "config/config.h"
#include "config/readers.h"

namespace aiops {
namespace {

// Bridges and container ends carry bytes that the machine's own devices carry, too.
constexpr const char* kNetworkDevices =
    "{device!~\"lo|veth.*|docker.*|br-.*|cni.*|flannel.*|cali.*|virbr.*|ifb.*\"}";

std::string SumOfNetwork(const std::string& counter) {
  return "sum(rate(" + counter + kNetworkDevices + "[$window]))";
}

Feature Nginx(std::string name, std::string unit, std::string help, Direction direction,
              double min_deviation) {
  return {name, std::move(unit), std::move(help), direction, "nginx_log", name, min_deviation};
}

// Of a site at three requests a minute one is a third: the fact "only errors" looks after those.
Feature Counted(Feature feature) {
  feature.counted_by = kShippedCounter;
  feature.min_count = 10;
  return feature;
}

Feature Machine(bool prometheus, std::string name, std::string unit, std::string help,
                double min_deviation) {
  const std::string expr = prometheus ? ShippedPromql(name) : name;
  return {
      name, std::move(unit), std::move(help), Direction::kUp, prometheus ? "prometheus" : "host",
      expr, min_deviation};
}

}  // namespace

std::string ShippedPromql(std::string_view feature) {
  if (feature == "cpu_percent")
    return "100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[$window])))";
  if (feature == "memory_percent")
    return "100 * (1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes))";
  if (feature == "disk_io")
    return "100 * max(rate(node_disk_io_time_seconds_total"
           "{device!~\"(z?ram|loop|fd)[0-9]+\"}[$window]))";
  if (feature == "network_rx") return SumOfNetwork("node_network_receive_bytes_total");
  if (feature == "network_tx") return SumOfNetwork("node_network_transmit_bytes_total");
  return "";
}

Scope ShippedScope(bool prometheus) {
  Scope scope;
  scope.name = "server";
  scope.features = {
      Nginx("request_rate", "requests/s", "Requests per second.", Direction::kBoth, 0.5),
      Counted(Nginx("error_rate_4xx", "", "Share of requests answered with 4xx.", Direction::kUp,
                    0.05)),
      Counted(Nginx("error_rate_5xx", "", "Share of requests answered with 5xx.", Direction::kUp,
                    0.02)),
      Nginx("unique_ips_per_min", "clients", "Distinct clients in the last minute.",
            Direction::kBoth, 5),
      Counted(Nginx("avg_response_size", "B", "Mean size of a response.", Direction::kBoth, 1024)),
      Machine(prometheus, "cpu_percent", "%", "Share of processor time that is not idle.", 10),
      Machine(prometheus, "memory_percent", "%", "Share of memory that is not available.", 5),
      Machine(prometheus, "disk_io", "%", "Share of time in which the busiest disk works.", 10),
      Machine(prometheus, "network_rx", "B/s", "Bytes received per second.", 100e3),
      Machine(prometheus, "network_tx", "B/s", "Bytes sent per second.", 100e3),
      // Half: one container is a whole deviation even where the expected number is a little above
      // 0.
      {"container_count_unhealthy", "", "Containers that should run well and do not.",
       Direction::kUp, "docker", "container_count_unhealthy", 0.5},
  };
  return scope;
}

std::string ExpandWindow(std::string_view expr, Duration window) {
  constexpr std::string_view kPlaceholder = "$window";
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string out;
  while (!expr.empty()) {
    const auto at = expr.find(kPlaceholder);
    out += expr.substr(0, at);
    if (at == std::string_view::npos) break;
    expr.remove_prefix(at + kPlaceholder.size());
    const bool longer_word = !expr.empty() && is_word(expr.front());
    out += longer_word ? std::string(kPlaceholder) : FormatDuration(window);
  }
  return out;
}

}  // namespace aiops
