#include "ctl/backtest_source.h"

#include <algorithm>

#include "app/setup.h"
#include "ctl/checked_config.h"
#include "text/url.h"

namespace aiops {
namespace {

// A range query takes longer than the instant one that the daemon's timeout is for.
constexpr Duration kLeastTimeout = minutes(1);

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

}  // namespace

const CollectorDescriptor& PrometheusDescriptor() {
  const auto& all = AllCollectors();
  const auto found = std::find_if(all.begin(), all.end(), [](const auto* descriptor) {
    return std::string_view(descriptor->name) == "prometheus";
  });
  AIOPS_CHECK(found != all.end());
  return **found;
}

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

}  // namespace aiops
