#include "collect/prometheus/options.h"

#include <algorithm>

#include "config/http_options.h"
#include "text/url.h"

namespace aiops::prom {
namespace {

constexpr int kScrapesPerWindow = 4;  // rate() sees at least two of them, whatever is late

std::string ReadUrl(const Section& section) {
  const auto url = section.String(
      "url", "",
      {.help = "Base URL of Prometheus, Thanos, Mimir or VictoriaMetrics, with its path prefix: "
               "`http://localhost:9090`. Empty: not collected."});
  if (url.empty()) return url;
  if (!IsHttpUrl(url))
    section.Report("url", "want http://host:port/prefix or https://host:port/prefix");
  return url;
}

void ReadLimits(const Section& section, Options& options) {
  options.query_offset = section.Duration(
      "query_offset", {},
      {.help = "Ask for the values of so long ago, where series arrive late (remote write).",
       .min = "0s",
       .max = "1h"});
  options.scrape_interval = section.Duration(
      "scrape_interval", seconds(15),
      {.help = "How often the targets are scraped; `$window` in expressions is four times this.",
       .min = "250ms",
       .max = "1h"});
  options.window = std::max<Duration>(kScrapesPerWindow * options.scrape_interval, seconds(1));
  options.timeout =
      section.Duration("timeout", seconds(10),
                       {.help = "Longest time of a query; the tick's deadline ends it too.",
                        .min = "100ms",
                        .max = "5m"});
  options.max_series = static_cast<size_t>(section.Int(
      "max_series", 20'000,
      {.help = "A query that returns more series is refused.", .min = "1", .max = "1000000"}));
  options.max_body_bytes = static_cast<size_t>(
      section.Int("max_body_bytes", 16 << 20,
                  {.help = "A longer answer is refused.", .min = "1024", .max = "1073741824"}));
}

}  // namespace

Options ReadOptions(const Section& section) {
  Options options;
  const std::string url = ReadUrl(section);
  options.endpoint = ReadHttpEndpoint(section, "query");
  options.endpoint.base_url = url;
  ReadLimits(section, options);
  options.facts.targets_down = section.Bool(
      "targets_down", true, {.help = "Report the fact target_down for every target with up == 0."});
  options.facts.filesystems = section.Bool(
      "filesystem_facts", false,
      {.help = "Report filesystem_full, _filling and _readonly from node_exporter's metrics: for "
               "machines that the host collector does not see."});
  options.fact_entity_label = section.String(
      "fact_entity_label", "",
      {.help = "Label whose value names the entity of a fact, such as `instance`; empty: this "
               "daemon's own entity."});
  return options;
}

}  // namespace aiops::prom
