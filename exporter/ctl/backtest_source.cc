#include "ctl/backtest_source.h"

#include <algorithm>
#include <map>

#include "app/setup.h"
#include "collect/prometheus/answer.h"
#include "collect/prometheus/query.h"
#include "collect/prometheus/readings.h"
#include "ctl/checked_config.h"
#include "net/redact.h"
#include "text/sanitize.h"
#include "text/url.h"

namespace aiops {
namespace {

// A range query takes longer than the instant one that the daemon's timeout is for.
constexpr Duration kLeastTimeout = minutes(1);

const CollectorDescriptor& PrometheusDescriptor() {
  const auto& all = AllCollectors();
  const auto found = std::find_if(all.begin(), all.end(), [](const auto* descriptor) {
    return std::string_view(descriptor->name) == "prometheus";
  });
  AIOPS_CHECK(found != all.end());
  return **found;
}

prom::Options ReadPrometheus(Document& document) {
  return prom::ReadOptions(document.Root().Child("collect").Child(PrometheusDescriptor().section));
}

Error NoUrl() {
  return InvalidArgument(
      "no Prometheus is named: give --prometheus http://localhost:9090, or set "
      "collect.prometheus.url in the configuration");
}

void KeepPrometheusFeatures(Config& config) {
  for (Scope& scope : config.scopes)
    std::erase_if(scope.features, [](const Feature& f) { return f.source != "prometheus"; });
  std::erase_if(config.scopes, [](const Scope& scope) { return scope.features.empty(); });
  for (Scope& scope : config.scopes)
    scope.interval = std::max(scope.interval, config.collect.interval);
}

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

// How many series the expression has; a server that answers nothing now may have had one before.
Result<size_t> CountSeries(const BacktestSource& source, const std::string& expr, Time at,
                           HttpClient& http, const std::stop_token& stop) {
  const prom::Options& o = source.options;
  auto response =
      http.Send(o.endpoint, prom::InstantQuery(expr, at, {o.timeout, o.max_body_bytes}), stop);
  if (response) RedactSecrets(o.endpoint, *response);
  if (stop.stop_requested()) return Cancelled("stopped");
  AIOPS_TRY(const HttpResponse answered, std::move(response));
  AIOPS_TRY(const prom::Answer answer, prom::ParseAnswer(answered, o.max_series));
  return std::max<size_t>(answer.series.size(), 1);
}

}  // namespace

Result<BacktestSource> OpenBacktestSource(const std::string& config_file, const std::string& url) {
  if (!url.empty() && !IsHttpUrl(url))
    return InvalidArgument(
        "--prometheus: want http://host:port/prefix or https://host:port/prefix");
  Sources sources;
  sources.env = AgentEnvironment();
  if (!config_file.empty()) {
    AIOPS_TRY(sources, ReadSources(config_file));
  }
  AIOPS_TRY_VOID(RefuseProblems(sources, HostName()));
  Document own(sources);
  prom::Options options = ReadPrometheus(own);
  const std::string configured = WithoutTrailingSlashes(options.endpoint.base_url);
  const std::string wanted = url.empty() ? configured : WithoutTrailingSlashes(url);
  if (wanted.empty()) return NoUrl();
  if (wanted != configured) options.endpoint = {};
  options.endpoint.base_url = wanted;
  options.timeout = std::max(options.timeout, kLeastTimeout);
  // That there is one decides which features the scope `server` has.
  sources.flags["collect.prometheus.url"] = wanted;
  Document document(std::move(sources));
  BacktestSource source{config_file.empty() ? "the shipped configuration" : config_file,
                        ReadConfig(document, HostName(), NamesOfPlugins()), std::move(options)};
  KeepPrometheusFeatures(source.config);
  if (source.config.scopes.empty())
    return InvalidArgument(source.name +
                           " has no feature from Prometheus (source: prometheus): "
                           "there is no history to read");
  return source;
}

size_t ReadingPlan::points() const {
  size_t sum = 0;
  for (const auto& query : queries) sum += query.points() * series[query.feature];
  return sum;
}

Result<ReadingPlan> PlanReading(const BacktestSource& source, Window range, Clock& clock,
                                HttpClient& http, std::stop_token stop) {
  ReadingPlan plan{ContextOf(source, clock, http).features, {}, {}};
  std::map<std::uint32_t, std::vector<size_t>> by_scope;
  for (size_t f = 0; f < plan.features.size(); ++f) {
    const WantedFeature& feature = plan.features[f];
    size_t series = 0;
    for (const Time at : {range.to, range.from + (range.to - range.from) / 2}) {
      const auto count = CountSeries(source, feature.expr, at, http, stop);
      if (!count)
        return Cured(count.error().Wrap("feature " + prom::NameOf(feature)), source.options);
      series = std::max(series, *count);
    }
    plan.series.push_back(series);
    by_scope[feature.ref.scope].push_back(f);
  }
  for (const auto& [scope, features] : by_scope) {
    const Duration step = source.config.scopes[scope].interval;
    // Pieces begin at multiples of their length, so that the next run asks for the same ones.
    const Time begin = FloorTo(range.from, prom::kPointsPerQuery * step);
    const auto queries = prom::PlanHistory(features, {begin - step, range.to}, step);
    plan.queries.insert(plan.queries.end(), queries.begin(), queries.end());
  }
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
