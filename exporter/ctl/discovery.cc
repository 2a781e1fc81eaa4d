#include "ctl/discovery.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "collect/glob.h"
#include "collect/prometheus/targets.h"
#include "config/cron.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr auto kPatience = seconds(1);
constexpr size_t kMaxLogs = 1000;
constexpr size_t kMaxTargetsBytes = 16u << 20;

bool Answers(const std::string& url, HttpClient& http) {
  const auto response =
      http.Send({.base_url = url}, {.path = "/-/healthy", .timeout = kPatience}, {});
  return response && response->status == 200;
}

std::optional<Duration> ScrapeIntervalOf(const std::string& url, HttpClient& http) {
  const auto response =
      http.Send({.base_url = url}, prom::TargetsQuery({kPatience, kMaxTargetsBytes}), {});
  if (!response) return std::nullopt;
  return prom::CommonInterval(prom::ParseScrapeIntervals(*response));
}

void FindLogs(const std::string& folder, Discovery& found) {
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (!MatchesAnyGlob({"*access*.log"}, name) || Sanitize(name) != name) continue;
    const bool readable = access(at->path().c_str(), R_OK) == 0;
    auto& logs = readable ? found.readable_logs : found.unreadable_logs;
    if (logs.size() < kMaxLogs) logs.push_back(at->path().string());
  }
  std::sort(found.readable_logs.begin(), found.readable_logs.end());
  std::sort(found.unreadable_logs.begin(), found.unreadable_logs.end());
  if (!found.readable_logs.empty()) found.nginx_pattern = folder + "/*access*.log";
}

}  // namespace

Discovery Discover(const Places& places, HttpClient& http) {
  Discovery found;
  FindLogs(places.nginx_folder, found);
  if (Answers(places.prometheus, http)) {
    found.prometheus = places.prometheus;
    found.scrape_interval = ScrapeIntervalOf(places.prometheus, http);
  }
  if (Answers(places.alertmanager, http)) found.alertmanager = places.alertmanager;
  for (const auto& socket : places.docker_sockets) {
    std::error_code failed;
    if (found.docker_socket.empty() && std::filesystem::is_socket(socket, failed))
      found.docker_socket = socket;
  }
  const auto zone = TimeZone::Open("");
  found.timezone = zone ? zone->name() : "UTC";
  return found;
}

}  // namespace aiops
