#include "collect/prometheus/targets.h"

#include <simdjson.h>

#include <string_view>

namespace aiops::prom {

HttpRequest TargetsQuery(const QueryLimits& limits) {
  HttpRequest request;
  request.path = "/api/v1/targets";
  request.query = "state=active";
  request.timeout = limits.timeout;
  request.max_body_bytes = limits.max_body_bytes;
  return request;
}

std::map<Duration, size_t> ParseScrapeIntervals(const HttpResponse& response) {
  std::map<Duration, size_t> out;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array targets;
  if (response.status != 200 || parser.parse(response.body).get(document) != simdjson::SUCCESS ||
      document.at_pointer("/data/activeTargets").get(targets) != simdjson::SUCCESS)
    return out;
  for (const simdjson::dom::element target : targets) {
    std::string_view text;
    if (target["scrapeInterval"].get(text) != simdjson::SUCCESS) continue;
    const auto interval = ParseDuration(text);
    if (interval && *interval > Duration{}) ++out[*interval];
  }
  return out;
}

std::optional<Duration> CommonInterval(const std::map<Duration, size_t>& intervals, Duration than) {
  std::optional<Duration> out;
  size_t most = 0;
  for (auto at = intervals.upper_bound(than); at != intervals.end(); ++at) {
    if (at->second < most) continue;
    most = at->second;
    out = at->first;
  }
  return out;
}

}  // namespace aiops::prom
