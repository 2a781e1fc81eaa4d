#include "collect/prometheus/backfill.h"

#include <algorithm>
#include <map>
#include <optional>

#include "collect/prometheus/answer.h"
#include "collect/prometheus/query.h"
#include "collect/prometheus/readings.h"
#include "net/redact.h"

namespace aiops::prom {
namespace {

constexpr int kPointsPerQuery = 2000;

using History = std::map<Time, std::vector<Reading>>;

// The same rule as for a live answer: what is ambiguous is left out.
void AddSeries(const WantedFeature& feature, const std::vector<RangeSeries>& answer,
               History& history) {
  if (feature.entity_labels.empty() && answer.size() > 1) return;
  std::map<Labels, std::vector<const RangeSeries*>> entities;
  for (const auto& series : answer)
    entities[EntityLabels(series.labels, feature.entity_labels)].push_back(&series);
  for (const auto& [labels, series] : entities) {
    if (series.size() > 1) continue;
    for (const auto& [time, value] : series.front()->points)
      history[time].push_back({feature.ref, labels, value});
  }
}

std::vector<HttpRequest> Requests(const CollectorContext& context, const Options& options,
                                  Window piece) {
  std::vector<HttpRequest> requests;
  for (const auto& feature : context.features)
    requests.push_back(RangeQuery(feature.expr, piece.from, piece.to, context.interval,
                                  {options.timeout, options.max_body_bytes}));
  return requests;
}

}  // namespace

Result<std::vector<PastReadings>> Backfill(const CollectorContext& context, const Options& options,
                                           Window range, std::stop_token stop) {
  History history;
  size_t answered = 0;
  std::optional<Error> first_error;
  const auto step = context.interval;
  for (Time from = FloorTo(range.from, step) + step; from <= range.to;
       from += kPointsPerQuery * step) {
    const Window piece{from,
                       std::min(from + (kPointsPerQuery - 1) * step, FloorTo(range.to, step))};
    auto responses =
        context.http.SendAll(options.endpoint, Requests(context, options, piece), stop);
    if (stop.stop_requested()) return Cancelled("stopped");
    for (size_t i = 0; i < responses.size(); ++i) {
      if (responses[i]) RedactSecrets(options.endpoint, *responses[i]);
      auto answer = responses[i] ? ParseRangeAnswer(*responses[i], options.max_series)
                                 : Result<std::vector<RangeSeries>>(responses[i].error());
      if (answer) AddSeries(context.features[i], *answer, history);
      if (answer) ++answered;
      if (!answer && !first_error) first_error = answer.error();
    }
  }
  if (answered == 0 && first_error) return *first_error;
  std::vector<PastReadings> out;
  for (auto& [time, readings] : history) out.push_back({time, std::move(readings)});
  return out;
}

}  // namespace aiops::prom
