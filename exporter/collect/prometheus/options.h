// The collector's section `collect.prometheus`.
#pragma once

#include "collect/prometheus/fact_query.h"
#include "config/section.h"
#include "net/http_client.h"

namespace aiops::prom {

struct Options {
  HttpEndpoint endpoint;
  Duration query_offset{};  // queries ask for so long before the tick's end
  Duration scrape_interval{};
  Duration window{};      // $window: four scrape intervals
  Duration timeout{};     // of a query, within the tick's deadline
  size_t max_series = 0;  // of one answer
  size_t max_body_bytes = 0;
  BuiltInFacts facts;
  std::string fact_entity_label;
};

// Declares, reads and checks all keys; problems go to the section's document.
Options ReadOptions(const Section& section);

}  // namespace aiops::prom
