// What a scrape of /metrics costs the daemon: the whole request over loopback, from accepting the
// connection to the last byte, beside prometheus-cpp on the same series.
//
//   bench_scrape [SERIES [ROUNDS]]
//
// prints a table of docs/performance.md. Processor time of all threads but that of the client;
// everything is measured in turn, round after round.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#ifdef AIOPS_BENCH_PROMETHEUS_PULL
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#endif

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "fakes/manual_clock.h"
#include "unit/web/raw_http.h"
#include "unit/web/sample_view.h"
#include "web/metric_table.h"
#include "web/metrics.h"
#include "web/server.h"

namespace aiops {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

constexpr int kAllEntities = 100'000;  // have series per feature
constexpr const char* kFeatures[] = {
    "request_rate",      "error_rate_4xx", "error_rate_5xx",           "unique_ips_per_min",
    "avg_response_size", "cpu_percent",    "memory_percent",           "disk_io",
    "network_rx",        "network_tx",     "container_count_unhealthy"};

double CpuMillis(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

EntityView Entity(size_t number, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  EntityView e = SampleEntity("node-" + std::to_string(number) + ".example.org", Verdict::kNormal);
  e.score.score = uniform(random);
  e.score.features.clear();
  for (size_t i = 0; i < std::size(kFeatures); ++i) {
    FeatureScore f;
    f.value = 100 * uniform(random);
    f.expected = f.value * 1.01;
    f.lower = f.value * 0.8;
    f.upper = f.value * 1.2;
    f.contribution = uniform(random);
    e.score.features.push_back(f);
  }
  return e;
}

Families FamiliesOf(const View& view) {
  MetricSet set;
  AddEntityMetrics(view, kAllEntities, set);
  AddOperationMetrics(view, set);
  AddProcessMetrics(set);
  return set.Take();
}

size_t SeriesIn(const Families& families) {
  size_t count = 0;
  for (const auto& family : families) count += family.metric.size();
  return count;
}

// As many entities of eleven features as have so many series, or a few more.
std::shared_ptr<View> ViewOf(size_t series) {
  auto view = SampleView();
  view->scopes[0].features.clear();
  for (const char* name : kFeatures) {
    Feature feature;
    feature.name = name;
    feature.source = "prometheus";
    view->scopes[0].features.push_back(feature);
  }
  view->entities.clear();
  std::mt19937 random(1);
  while (SeriesIn(FamiliesOf(*view)) < series)
    view->entities.push_back(Entity(view->entities.size(), random));
  return view;
}

struct Measured {
  std::string what;
  std::function<void()> once;
  bool is_request = true;  // then what this thread does is the client's
  std::vector<double> millis = {};

  void Run() {
    const double client = CpuMillis(CLOCK_THREAD_CPUTIME_ID);
    const double all = CpuMillis(CLOCK_PROCESS_CPUTIME_ID);
    once();
    const double spent = CpuMillis(CLOCK_PROCESS_CPUTIME_ID) - all;
    const double here = CpuMillis(CLOCK_THREAD_CPUTIME_ID) - client;
    millis.push_back(is_request ? spent - here : spent);
  }
  double Best() const { return *std::min_element(millis.begin(), millis.end()); }
  double Median() {
    const auto middle = millis.begin() + static_cast<std::ptrdiff_t>(millis.size() / 2);
    std::nth_element(millis.begin(), middle, millis.end());
    return *middle;
  }
};

std::function<void()> Scrape(int port, const std::string& accept, size_t series) {
  return [=] {
    const RawAnswer answer = Ask(port, "GET", "/metrics", "Accept: " + accept + "\r\n");
    AIOPS_CHECK(answer.status == 200);
    AIOPS_CHECK(std::count(answer.body.begin(), answer.body.end(), '\n') >
                static_cast<std::ptrdiff_t>(series));
  };
}

#ifdef AIOPS_BENCH_PROMETHEUS_PULL
class Fixed final : public prometheus::Collectable {
 public:
  explicit Fixed(Families families) : families_(std::move(families)) {}
  Families Collect() const override { return families_; }

 private:
  const Families families_;
};
#endif

void Print(std::vector<Measured>& rows, const std::string& reference) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const Measured& each) { return each.what == reference; });
  std::printf("| processor time | best | median | of the TextSerializer's |\n|---|--:|--:|--:|\n");
  for (Measured& row : rows)
    std::printf("| %s | %.1f ms | %.1f ms | %.2f |\n", row.what.c_str(), row.Best(), row.Median(),
                row.Median() / found->Median());
}

void Bench(size_t wanted, int rounds) {
  ManualClock clock(kViewTime);
  const auto store = *Store::Open({}, clock);
  ViewCell cell;
  CommandQueue commands;
  const auto view = ViewOf(wanted);
  cell.Set(view);
  WebOptions options{.listen_address = "127.0.0.1:0"};
  options.policy.per_feature_series_limit = kAllEntities;
  const auto server = WebServer::Open(options, {clock, cell, commands, *store});
  AIOPS_CHECK(server.has_value());
  const Families families = FamiliesOf(*view);
  const size_t series = SeriesIn(families);
  const prometheus::TextSerializer serializer;
  const RequestCounter no_requests;
  const std::string reference = "prometheus-cpp, only its TextSerializer";
  const int port = (*server)->port();
  std::vector<Measured> rows{
      {"the whole request, text", Scrape(port, "text/plain", series)},
      {"the whole request, OpenMetrics", Scrape(port, "application/openmetrics-text", series)},
      {"of it making the page, text",
       [&] { RenderMetrics(*view, kAllEntities, no_requests, ExpositionFormat::kText); }, false},
      {reference, [&] { serializer.Serialize(families); }, false}};
#ifdef AIOPS_BENCH_PROMETHEUS_PULL
  prometheus::Exposer exposer("127.0.0.1:0");
  const auto fixed = std::make_shared<Fixed>(families);
  exposer.RegisterCollectable(fixed);
  rows.push_back({"prometheus-cpp, the whole request to its Exposer",
                  Scrape(exposer.GetListeningPorts().at(0), "text/plain", series)});
#endif
  for (int i = 0; i <= rounds; ++i) {
    for (Measured& row : rows) row.Run();
    if (i == 0)  // the first one is not counted: nothing is warm yet
      for (Measured& row : rows) row.millis.clear();
  }
  std::printf("%zu series of %zu entities, %d times each\n\n", series, view->entities.size(),
              rounds);
  Print(rows, reference);
}

}  // namespace
}  // namespace aiops

int main(int argc, char** argv) {
  const int series = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 100;
  if (series <= 0 || rounds <= 0 || !aiops::SetUpLog("error", "logfmt")) return 2;
  aiops::Bench(static_cast<size_t>(series), rounds);
  return 0;
}
