// BacktestCache: answers of Prometheus that an interrupted or repeated backtest need not ask for
// again.
#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "collect/prometheus/history.h"
#include "net/http_client.h"

namespace aiops {

// $XDG_CACHE_HOME/aiops/backtest, else ~/.cache/aiops/backtest; empty where neither is known.
std::string DefaultCacheFolder();

// A file for every answer, named by what was asked of whom: it is either whole or not there. Only
// the owner may read them. What lay less than an hour back when it was asked may still have changed
// (remote write), and counts only in the run that asked. Files that nobody has written for two
// weeks are deleted. References outlive it.
class BacktestCache {
 public:
  // `folder` is made. Empty: nothing is kept. Unavailable: it cannot be made.
  static Result<BacktestCache> Open(std::string folder, const Clock& clock);

  // `expr`: the query's. The endpoint's credentials and headers are part of the key by their hash.
  std::optional<std::string> Recall(const HttpEndpoint& endpoint, const std::string& expr,
                                    const prom::HistoryQuery& query) const;
  // Whether Recall would find it; and the file that it is in, which is the same for the same
  // question to the same server.
  bool Holds(const HttpEndpoint& endpoint, const std::string& expr,
             const prom::HistoryQuery& query) const;
  std::string FileOf(const HttpEndpoint& endpoint, const std::string& expr,
                     const prom::HistoryQuery& query) const;
  // What cannot be written is not kept.
  void Keep(const HttpEndpoint& endpoint, const std::string& expr, const prom::HistoryQuery& query,
            const std::string& body) const;

  const std::string& folder() const { return folder_; }

 private:
  BacktestCache(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(&clock), started_(clock.Now()) {}
  void DeleteOld() const;
  // Before the body; nullopt: not kept, or too young.
  std::optional<std::ifstream> Find(const HttpEndpoint& endpoint, const std::string& expr,
                                    const prom::HistoryQuery& query) const;

  std::string folder_;
  const Clock* clock_;
  Time started_;
};

}  // namespace aiops
