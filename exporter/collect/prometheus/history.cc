#include "collect/prometheus/history.h"

#include <algorithm>

#include "collect/prometheus/answer.h"
#include "collect/prometheus/query.h"
#include "collect/prometheus/readings.h"
#include "net/redact.h"
#include "text/sanitize.h"

namespace aiops::prom {
namespace {

// Pieces of a query are not halved below it: what fails then fails for another reason.
constexpr size_t kFewestPoints = 125;
constexpr size_t kMostNotes = 50;

// Whether the same question about less time may be answered.
bool TooMuch(const Error& error) {
  return error.kind == ErrorKind::kTimeout ||
         error.message.find("too many samples") != std::string::npos ||
         error.message.find("maximum resolution") != std::string::npos;
}

class Reader {
 public:
  Reader(const CollectorContext& context, const Options& options, const HistoryHooks& hooks,
         std::stop_token stop)
      : context_(context), options_(options), hooks_(hooks), stop_(std::move(stop)) {}

  Result<History> Read(std::span<const HistoryQuery> plan) {
    size_t done = 0;
    for (const HistoryQuery& query : plan) {
      if (stop_.stop_requested()) return Cancelled("stopped");
      const auto read = Ask(query);
      if (stop_.stop_requested()) return Cancelled("stopped");
      if (!read && hooks_.stop_at_error) return read.error();
      if (!read && !out_.first_error) out_.first_error = read.error();
      if (hooks_.progress) hooks_.progress(++done);
    }
    return std::move(out_);
  }

 private:
  Result<void> Ask(const HistoryQuery& query) {
    if (hooks_.recall) {
      if (auto body = hooks_.recall(query); body && Take(query, {.status = 200, .body = *body}))
        return {};
    }
    auto response = Send(query);
    if (response) RedactSecrets(options_.endpoint, *response);
    const auto taken = response ? Take(query, *response) : Result<void>(response.error());
    if (taken) return {};
    const bool too_long = !response && response.error().kind == ErrorKind::kCorruption;
    if (!(too_long || TooMuch(taken.error())) || query.points() < 2 * kFewestPoints)
      return taken.error().Wrap(What(query));
    const Time middle = query.first + static_cast<Duration::rep>(query.points() / 2) * query.step;
    AIOPS_TRY_VOID(Ask({query.feature, query.first, middle - query.step, query.step}));
    return Ask({query.feature, middle, query.last, query.step});
  }

  Result<HttpResponse> Send(const HistoryQuery& query) {
    if (out_.sent > 0 && hooks_.pause > Duration{} && !context_.clock.WaitFor(hooks_.pause, stop_))
      return Cancelled("stopped");
    ++out_.sent;
    return context_.http.Send(
        options_.endpoint,
        RangeQuery(context_.features[query.feature].expr, query.first, query.last, query.step,
                   {options_.timeout, options_.max_body_bytes}),
        stop_);
  }

  Result<void> Take(const HistoryQuery& query, const HttpResponse& response) {
    AIOPS_TRY(const RangeAnswer answer, ParseRangeAnswer(response, options_.max_series));
    ++out_.answered;
    if (answer.partial)
      Note(What(query) + ": partial answer" +
           (answer.warnings.empty() ? "" : ": " + answer.warnings.front()));
    if (!answer.partial && hooks_.keep) hooks_.keep(query, response.body);
    AddSeries(query, answer);
    return {};
  }

  void AddSeries(const HistoryQuery& query, const RangeAnswer& answer) {
    const WantedFeature& feature = context_.features[query.feature];
    if (feature.entity_labels.empty() && answer.series.size() > 1)
      return Note(ManySeriesNote(feature, answer.series.size()));
    std::map<Labels, std::vector<const RangeSeries*>> entities;
    for (const auto& series : answer.series)
      entities[EntityLabels(series.labels, feature.entity_labels)].push_back(&series);
    size_t ambiguous = 0;
    for (const auto& [labels, series] : entities) {
      if (series.size() > 1) ++ambiguous;
      if (series.size() == 1) AddPoints(query, labels, *series.front(), answer.partial);
    }
    if (ambiguous > 0) Note(AmbiguousNote(feature, ambiguous));
  }

  void AddPoints(const HistoryQuery& query, const Labels& labels, const RangeSeries& series,
                 bool partial) {
    for (const auto& [time, value] : series.points) {
      if (time < query.first || time > query.last ||
          (time - query.first) % query.step != Duration{})
        continue;  // nobody asked for it
      HistoryTick& tick = out_.ticks[time];
      tick.readings.push_back({context_.features[query.feature].ref, labels, value});
      tick.partial = tick.partial || partial;
    }
  }

  std::string What(const HistoryQuery& query) const {
    return "feature " + NameOf(context_.features[query.feature]);
  }
  void Note(std::string text) {
    if (out_.notes.size() < kMostNotes) out_.notes.insert(std::move(text));
  }

  const CollectorContext& context_;
  const Options& options_;
  const HistoryHooks& hooks_;
  const std::stop_token stop_;
  History out_;
};

}  // namespace

std::vector<HistoryQuery> PlanHistory(const std::vector<size_t>& features, Window range,
                                      Duration step) {
  std::vector<HistoryQuery> plan;
  const Time last = FloorTo(range.to, step);
  for (Time first = FloorTo(range.from, step) + step; first <= last;
       first += kPointsPerQuery * step)
    for (const size_t feature : features)
      plan.push_back({feature, first, std::min(first + (kPointsPerQuery - 1) * step, last), step});
  return plan;
}

Result<History> ReadHistory(const CollectorContext& context, const Options& options,
                            std::span<const HistoryQuery> plan, const HistoryHooks& hooks,
                            std::stop_token stop) {
  return Reader(context, options, hooks, std::move(stop)).Read(plan);
}

}  // namespace aiops::prom
