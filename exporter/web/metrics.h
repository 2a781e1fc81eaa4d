// Metrics: the families of /metrics, made afresh from a View, so that what vanished there vanishes
// here.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "pipeline/view.h"
#include "web/exposition.h"

namespace aiops {

class MetricSet;

// How many requests ended how. Thread-safe.
class RequestCounter {
 public:
  void Count(int status, const std::string& handler) {
    std::lock_guard lock(mutex_);
    ++counts_[{status, handler}];
  }
  std::map<std::pair<int, std::string>, std::uint64_t> Get() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<int, std::string>, std::uint64_t> counts_;
};

// Verdicts, features, models and anomalies. Above `per_feature_limit` entities the series per
// feature only for entities whose verdict is warning or critical.
void AddEntityMetrics(const View& view, int per_feature_limit, MetricSet& out);

// Rounds, jobs, collectors, store, receivers, configuration, build.
void AddOperationMetrics(const View& view, MetricSet& out);

// This process, from /proc/self, under the names that the official client libraries use.
void AddProcessMetrics(MetricSet& out);

// All of them, rendered.
std::string RenderMetrics(const View& view, int per_feature_limit, const RequestCounter& requests,
                          ExpositionFormat format);

}  // namespace aiops
