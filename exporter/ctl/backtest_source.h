// BacktestSource: a configuration, and the history of its features in a Prometheus.
#pragma once

#include <functional>
#include <iosfwd>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/prometheus/history.h"
#include "collect/prometheus/options.h"
#include "config/config.h"
#include "ctl/backtest_cache.h"

namespace aiops {

struct BacktestSource {
  std::string name;  // of the configuration, for people: its file, or "the shipped configuration"
  Config config;     // its scopes hold only the features of Prometheus
  prom::Options options;
};

// That of the collector.
const CollectorDescriptor& PrometheusDescriptor();

// Without a file: what is shipped. Without a URL: the configuration's, with its credentials,
// headers and TLS; another URL than that one gets none of them. InvalidArgument: problems of the
// configuration, one a line, or there is no URL or no feature to ask for.
Result<BacktestSource> OpenBacktestSource(const std::string& config_file, const std::string& url);

// What will be read.
struct ReadingPlan {
  std::vector<WantedFeature> features;  // $window expanded
  std::vector<prom::HistoryQuery> queries;
  std::vector<size_t> series;      // a feature's, at the end or in the middle of the range
  std::vector<std::string> notes;  // what the outcome is about, where that may surprise
  size_t points() const;
};

// Asks for every feature at the end and in the middle of the range: whether the server answers and
// understands, how many series there are, and whether any could be taken. Of the shipped features:
// how many machines they take together. An error is a sentence that says what to do.
Result<ReadingPlan> PlanReading(const BacktestSource& source, Window range, Clock& clock,
                                HttpClient& http, std::stop_token stop);

struct ReadingOptions {
  Duration pause{};
  std::function<void(size_t done)> progress;
};

// Reads it, one query after the other, and what the cache has from there. The first error ends it;
// what was read until then is kept.
Result<prom::History> ReadPlan(const BacktestSource& source, const ReadingPlan& plan,
                               const BacktestCache& cache, const ReadingOptions& options,
                               Clock& clock, HttpClient& http, std::stop_token stop);

}  // namespace aiops
