// What is asked of the Prometheus, and what it answers.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "app/setup.h"
#include "collect/prometheus/answer.h"
#include "collect/prometheus/query.h"
#include "collect/prometheus/readings.h"
#include "ctl/backtest_source.h"
#include "net/redact.h"
#include "text/sanitize.h"
#include "text/url.h"

namespace aiops {
namespace {

// Of a metric that each node_exporter has once, and the shipped features read.
constexpr const char* kInstances = "count(count by (instance) (node_memory_MemTotal_bytes))";

// What cures it, behind what happened.
Error Cured(Error error, const prom::Options& options) {
  const std::string at = StripUrl(options.endpoint.base_url);
  switch (error.kind) {
    case ErrorKind::kUnavailable:
      error.message += "; is Prometheus running, and is " + at + " its address?";
      break;
    case ErrorKind::kUnauthorized:
      error.message +=
          "; set basic_auth, bearer_token_file or headers under collect.prometheus in a "
          "configuration, and name it with --config";
      break;
    case ErrorKind::kNotFound:
      error.message += "; is a path prefix missing in " + at + "?";
      break;
    case ErrorKind::kInvalidArgument:
      error.message += "; correct its expr in the configuration";
      break;
    case ErrorKind::kTimeout:
      error.message +=
          "; the server is slow: choose a shorter range, or raise "
          "collect.prometheus.timeout";
      break;
    default:
      break;
  }
  return error;
}

CollectorContext ContextOf(const BacktestSource& source, Clock& clock, HttpClient& http) {
  auto context = ContextFor(source.config, PrometheusDescriptor(), clock, http);
  for (auto& feature : context.features)
    feature.expr = ExpandWindow(feature.expr, source.options.window);
  return context;
}

Result<prom::Answer> AskAt(const BacktestSource& source, const std::string& expr, Time at,
                           HttpClient& http, const std::stop_token& stop) {
  const prom::Options& o = source.options;
  auto response =
      http.Send(o.endpoint, prom::InstantQuery(expr, at, {o.timeout, o.max_body_bytes}), stop);
  if (response) RedactSecrets(o.endpoint, *response);
  if (stop.stop_requested()) return Cancelled("stopped");
  AIOPS_TRY(const HttpResponse answered, std::move(response));
  return prom::ParseAnswer(answered, o.max_series);
}

// At the end and in the middle: a server that answers nothing now may have had something before.
std::array<Time, 2> Moments(Window range) {
  return {range.to, range.from + (range.to - range.from) / 2};
}

// Whether a shipped expression is asked: it takes all that the server knows together.
bool TakesAllInstances(const Config& config) {
  const std::vector<Feature> shipped = ShippedScope(true).features;
  const auto is_shipped = [&](const Feature& feature) {
    return std::any_of(shipped.begin(), shipped.end(),
                       [&](const Feature& f) { return f.expr == feature.expr; });
  };
  return std::any_of(config.scopes.begin(), config.scopes.end(), [&](const Scope& scope) {
    return std::any_of(scope.features.begin(), scope.features.end(), is_shipped);
  });
}

// How many machines the shipped features take together. Where the server does not tell, one.
size_t CountInstances(const BacktestSource& source, Window range, HttpClient& http,
                      const std::stop_token& stop) {
  double most = 1;
  for (const Time at : Moments(range)) {
    const auto answer = AskAt(source, kInstances, at, http, stop);
    if (!answer) continue;
    for (const prom::Series& series : answer->series)
      if (!IsMissing(series.value)) most = std::max(most, series.value);
  }
  return static_cast<size_t>(most);
}

std::string InstancesNote(size_t instances) {
  return std::to_string(instances) +
         " instances of node_exporter were found, and the shipped features take them together as "
         "one entity, by means and sums: trouble of one of them is diluted. For an entity of each, "
         "copy the scope with entity_labels: [instance] from docs/collectors/prometheus.md, "
         "\"Several hosts\"";
}

// Series of all features, as many as there are at most, and what the daemon would say of them.
Result<std::vector<size_t>> CountSeries(const BacktestSource& source,
                                        const std::vector<WantedFeature>& features, Window range,
                                        HttpClient& http, const std::stop_token& stop) {
  std::vector<size_t> series;
  Collected found;
  for (const WantedFeature& feature : features) {
    size_t most = 1;
    for (const Time at : Moments(range)) {
      const auto answer = AskAt(source, feature.expr, at, http, stop);
      if (!answer)
        return Cured(answer.error().Wrap("feature " + prom::NameOf(feature)), source.options);
      prom::AddReadings(feature, *answer, found);
      most = std::max(most, answer->series.size());
    }
    series.push_back(most);
  }
  if (!found.readings.empty() || found.notes.empty()) return series;
  std::string why;
  for (const std::string& note : std::set(found.notes.begin(), found.notes.end()))
    why += (why.empty() ? "" : "; ") + note;
  return InvalidArgument(why);
}

}  // namespace

size_t ReadingPlan::points() const {
  size_t sum = 0;
  for (const auto& query : queries) sum += query.points() * series[query.feature];
  return sum;
}

Result<ReadingPlan> PlanReading(const BacktestSource& source, Window range, Clock& clock,
                                HttpClient& http, std::stop_token stop) {
  ReadingPlan plan{ContextOf(source, clock, http).features, {}, {}, {}};
  AIOPS_TRY(plan.series, CountSeries(source, plan.features, range, http, stop));
  std::map<std::uint32_t, std::vector<size_t>> by_scope;
  for (size_t f = 0; f < plan.features.size(); ++f)
    by_scope[plan.features[f].ref.scope].push_back(f);
  for (const auto& [scope, features] : by_scope) {
    const Duration step = source.config.scopes[scope].interval;
    // Pieces begin at multiples of their length, so that the next run asks for the same ones.
    const Time begin = FloorTo(range.from, prom::kPointsPerQuery * step);
    const auto queries = prom::PlanHistory(features, {begin - step, range.to}, step);
    plan.queries.insert(plan.queries.end(), queries.begin(), queries.end());
  }
  if (!TakesAllInstances(source.config)) return plan;
  if (const size_t all = CountInstances(source, range, http, stop); all > 1)
    plan.notes.push_back(InstancesNote(all));
  if (stop.stop_requested()) return Cancelled("stopped");
  return plan;
}

Result<prom::History> ReadPlan(const BacktestSource& source, const ReadingPlan& plan,
                               const BacktestCache& cache, const ReadingOptions& options,
                               Clock& clock, HttpClient& http, std::stop_token stop) {
  const CollectorContext context = ContextOf(source, clock, http);
  const HttpEndpoint& endpoint = source.options.endpoint;
  prom::HistoryHooks hooks;
  hooks.pause = options.pause;
  hooks.stop_at_error = true;
  hooks.progress = options.progress;
  hooks.recall = [&](const prom::HistoryQuery& query) {
    return cache.Recall(endpoint, context.features[query.feature].expr, query);
  };
  hooks.keep = [&](const prom::HistoryQuery& query, const std::string& body) {
    cache.Keep(endpoint, context.features[query.feature].expr, query, body);
  };
  auto history = prom::ReadHistory(context, source.options, plan.queries, hooks, stop);
  if (history || history.error().kind == ErrorKind::kCancelled) return history;
  Error error = Cured(std::move(history).error(), source.options);
  if (!cache.folder().empty()) error.message += "; what was read is kept: run it again to go on";
  return error;
}

}  // namespace aiops
