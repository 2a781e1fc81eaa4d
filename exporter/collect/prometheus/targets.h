// How often the server scrapes its targets, as it says itself.
#pragma once

#include <map>
#include <optional>

#include "base/time.h"
#include "collect/prometheus/query.h"
#include "net/http_client.h"

namespace aiops::prom {

// GET /api/v1/targets of those that are scraped.
HttpRequest TargetsQuery(const QueryLimits& limits);

// Targets by the interval at which they are scraped. None where the server does not say:
// Prometheus before 2.27, and those of the family that do not scrape.
std::map<Duration, size_t> ParseScrapeIntervals(const HttpResponse& response);

// The interval of the most targets among those longer than `than`; of two the longer one.
std::optional<Duration> CommonInterval(const std::map<Duration, size_t>& intervals,
                                       Duration than = {});

}  // namespace aiops::prom
