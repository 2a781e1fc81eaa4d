#include "web/metrics.h"

#include "web/metric_table.h"

namespace aiops {

std::string RenderMetrics(const View& view, int per_feature_limit, const RequestCounter& requests,
                          ExpositionFormat format) {
  MetricSet set;
  AddEntityMetrics(view, per_feature_limit, set);
  AddOperationMetrics(view, set);
  for (const auto& [key, count] : requests.Get()) {
    const std::string code = std::to_string(key.first);
    set.Add("aiops_http_requests_total", {{"code", code}, {"handler", key.second}},
            static_cast<double>(count));
  }
  AddProcessMetrics(set);
  return RenderExposition(set.Take(), format);
}

}  // namespace aiops
