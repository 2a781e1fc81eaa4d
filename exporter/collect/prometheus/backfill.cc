#include "collect/prometheus/backfill.h"

#include <numeric>

#include "collect/prometheus/history.h"

namespace aiops::prom {

Result<std::vector<PastReadings>> Backfill(const CollectorContext& context, const Options& options,
                                           Window range, std::stop_token stop) {
  std::vector<size_t> features(context.features.size());
  std::iota(features.begin(), features.end(), size_t{0});
  const auto plan = PlanHistory(features, range, context.interval);
  AIOPS_TRY(History history, ReadHistory(context, options, plan, {}, std::move(stop)));
  if (history.answered == 0 && history.first_error) return *history.first_error;
  std::vector<PastReadings> out;
  for (auto& [time, tick] : history.ticks)
    if (!tick.partial) out.push_back({time, std::move(tick.readings)});
  return out;
}

}  // namespace aiops::prom
