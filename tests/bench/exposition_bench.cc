// What a page of metrics costs to write: our serializer beside that of prometheus-cpp, on the same
// families.
#include <benchmark/benchmark.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <random>
#include <string>
#include <vector>

#include "web/exposition.h"

namespace aiops {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

// As our features are shown: four families, eleven features of each entity.
std::vector<MetricFamily> Families(std::int64_t series) {
  static const std::vector<std::string> kFeatures{
      "request_rate",      "error_rate_4xx", "error_rate_5xx",           "unique_ips_per_min",
      "avg_response_size", "cpu_percent",    "memory_percent",           "disk_io",
      "network_rx",        "network_tx",     "container_count_unhealthy"};
  std::mt19937 random(1);
  std::uniform_real_distribution<double> values(0, 100);
  std::vector<MetricFamily> families;
  for (const char* name : {"aiops_feature_value", "aiops_feature_expected",
                           "aiops_feature_lower_bound", "aiops_feature_upper_bound"}) {
    MetricFamily family{name, "A number of each feature.", prometheus::MetricType::Gauge, {}};
    for (std::int64_t i = 0; i < series / 4; ++i) {
      ClientMetric metric;
      const auto entity = static_cast<size_t>(i) / kFeatures.size();
      metric.label = {{"entity", "host-" + std::to_string(entity)},
                      {"scope", "server"},
                      {"feature", kFeatures[static_cast<size_t>(i) % kFeatures.size()]}};
      metric.gauge.value = values(random);
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  }
  return families;
}

template <class Serialize>
void Write(benchmark::State& state, Serialize serialize) {
  const auto families = Families(state.range(0));
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string page = serialize(families);
    bytes = page.size();
    benchmark::DoNotOptimize(page.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["page_bytes"] = static_cast<double>(bytes);
}

void OursText(benchmark::State& state) {
  Write(state, [](const auto& f) { return RenderExposition(f, ExpositionFormat::kText); });
}
void OursOpenMetrics(benchmark::State& state) {
  Write(state, [](const auto& f) { return RenderExposition(f, ExpositionFormat::kOpenMetrics); });
}
void PrometheusCppText(benchmark::State& state) {
  const prometheus::TextSerializer serializer;
  Write(state, [&](const auto& f) { return serializer.Serialize(f); });
}

void Sizes(benchmark::internal::Benchmark* b) {
  b->ArgName("series")->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);
}
BENCHMARK(OursText)->Apply(Sizes);
BENCHMARK(OursOpenMetrics)->Apply(Sizes);
BENCHMARK(PrometheusCppText)->Apply(Sizes);

}  // namespace
}  // namespace aiops
