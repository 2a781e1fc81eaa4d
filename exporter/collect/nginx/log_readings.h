// LogReadings: the features of the logs, from what was counted in an interval.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/collector.h"
#include "collect/nginx/log_bins.h"
#include "collect/nginx/site_table.h"

namespace aiops {

// By Feature::expr. Rates are per second, error rates shares of the requests, times seconds.
enum class LogFeature : std::uint8_t {
  kRequestRate,
  kErrorRate4xx,
  kErrorRate5xx,
  kUniqueIpsPerMin,
  kAvgResponseSize,
  kRequestTimeP50,
  kRequestTimeP95,
  kUpstreamTimeP95,
  kBytesInRate,
};
inline constexpr std::array<std::string_view, 9> kLogFeatures{
    "request_rate",       "error_rate_4xx",    "error_rate_5xx",
    "unique_ips_per_min", "avg_response_size", "request_time_p50",
    "request_time_p95",   "upstream_time_p95", "bytes_in_rate"};

// Reports features that there are not.
void ReportUnknownFeatures(const Section& section, const std::vector<WantedFeature>& features);

// The label that names a site.
inline constexpr std::string_view kSiteLabel = "site";

class LogReadings {
 public:
  // With `by_site`, features of a scope whose entity_labels name kSiteLabel have a value for each
  // site; all others, and all without it, one of all requests.
  LogReadings(std::vector<WantedFeature> features, bool by_site);

  // Of the stamps in [begin, end). Of `sites` those that were known by then. What the lines do not
  // tell is left out: ratios, sizes and times of no requests, and what `fields_seen` (bits
  // 1 << EntryField) or the sums show that the log does not have.
  std::vector<Reading> Of(const LogBins& bins,
                          const std::vector<std::pair<SiteId, KnownSite>>& sites,
                          std::uint32_t fields_seen, Time begin, Time end) const;

 private:
  struct Wanted {
    FeatureRef ref;
    LogFeature feature;
  };
  std::vector<Wanted> of_all_;
  std::vector<Wanted> of_sites_;
};

}  // namespace aiops
