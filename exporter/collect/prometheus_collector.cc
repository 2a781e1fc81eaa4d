// The collector "prometheus": features and facts by PromQL, from Prometheus or anything that
// answers as it does (Thanos, Mimir, VictoriaMetrics).
#include <algorithm>
#include <numeric>
#include <set>

#include "collect/collector.h"
#include "collect/prometheus/answer.h"
#include "collect/prometheus/backfill.h"
#include "collect/prometheus/held_facts.h"
#include "collect/prometheus/options.h"
#include "collect/prometheus/query.h"
#include "collect/prometheus/readings.h"
#include "collect/prometheus/targets.h"
#include "config/config.h"
#include "net/redact.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxNotes = 20;
constexpr size_t kMaxFactsPerQuery = 200;
constexpr size_t kMostNamed = 5;
constexpr Duration kTargetsAskedAgain = minutes(30);

std::vector<prom::FactQuery> AllFactQueries(const prom::Options& options,
                                            const std::vector<WantedFact>& wanted) {
  auto queries = prom::BuiltInFactQueries(options.facts);
  for (const auto& fact : wanted)
    queries.push_back({fact.name, fact.expr, fact.severity, fact.hold, nullptr});
  for (auto& query : queries) query.expr = ExpandWindow(query.expr, options.window);
  return queries;
}

// What to do about a server that answers nothing.
Error WithRemedy(Error error) {
  if (error.kind == ErrorKind::kUnauthorized)
    error.message += "; basic_auth, bearer_token or headers of collect.prometheus say who asks";
  else if (error.kind == ErrorKind::kUnavailable)
    error.message += "; does it run there? collect.prometheus.url says where to ask";
  return error;
}

class PrometheusCollector final : public Collector {
 public:
  PrometheusCollector(prom::Options options, CollectorContext context)
      : options_(std::move(options)),
        context_(std::move(context)),
        fact_queries_(AllFactQueries(options_, context_.facts)) {
    for (auto& feature : context_.features) {
      auto expr = ExpandWindow(feature.expr, options_.window);
      if (expr != feature.expr) over_window_.insert(&feature);
      feature.expr = std::move(expr);
    }
  }

  Result<void> Restore(std::string_view checkpoint) override {
    return held_facts_.Restore(checkpoint);
  }
  Result<Collected> Collect(const Tick& tick, std::stop_token stop) override;
  Result<std::vector<PastReadings>> Backfill(Window range, std::stop_token stop) override;

 private:
  using Responses = std::span<const Result<HttpResponse>>;

  std::vector<HttpRequest> Requests(const Tick& tick) const;
  Result<prom::Answer> Parse(const Result<HttpResponse>& response) const;
  void TakeWarnings(const prom::Answer& answer, const std::string& what, Collected& out) const;
  void TakeFeature(const WantedFeature& feature, const Result<HttpResponse>& response,
                   Collected& out);
  void TakeFact(const prom::FactQuery& query, const Result<HttpResponse>& response, Time tick,
                Collected& out);
  void TakeFailure(const Error& error, const std::string& what, Collected& out);
  void AskTargets(const Tick& tick, const std::stop_token& stop);
  void CheckScrapeInterval(const Tick& tick, const std::stop_token& stop, Collected& out);
  std::string ScrapeIntervalNote(Duration real) const;

  const prom::Options options_;
  CollectorContext context_;
  const std::vector<prom::FactQuery> fact_queries_;
  prom::HeldFacts held_facts_;
  std::map<std::pair<std::string, std::string>, double> counters_;
  std::set<const WantedFeature*> over_window_;  // whose expressions use $window
  std::map<Duration, size_t> intervals_;        // of targets, when they were asked last
  Time targets_asked_;
  // Of the tick in hand.
  size_t answered_ = 0;
  std::optional<Error> first_error_;
  std::vector<const WantedFeature*> whole_;          // answered, and nothing was doubtful
  std::vector<const WantedFeature*> without_rates_;  // of over_window_: nothing was answered
};

std::vector<HttpRequest> PrometheusCollector::Requests(const Tick& tick) const {
  const prom::QueryLimits limits{std::min(options_.timeout, tick.deadline - context_.clock.Now()),
                                 options_.max_body_bytes};
  const auto at = tick.end - options_.query_offset;
  std::vector<HttpRequest> requests;
  for (const auto& feature : context_.features)
    requests.push_back(prom::InstantQuery(feature.expr, at, limits));
  for (const auto& query : fact_queries_)
    requests.push_back(prom::InstantQuery(query.expr, at, limits));
  return requests;
}

Result<prom::Answer> PrometheusCollector::Parse(const Result<HttpResponse>& response) const {
  if (!response) return response.error();
  return prom::ParseAnswer(*response, options_.max_series);
}

void PrometheusCollector::TakeFailure(const Error& error, const std::string& what, Collected& out) {
  if (!first_error_) first_error_ = error;
  ++counters_[{"queries_failed", std::string(ToString(error.kind))}];
  out.notes.push_back(what + ": " + Sanitize(error.message, 512));
}

void PrometheusCollector::TakeWarnings(const prom::Answer& answer, const std::string& what,
                                       Collected& out) const {
  const std::string degree = answer.partial ? ": partial answer" : ": warning";
  for (const auto& warning : answer.warnings) out.notes.push_back(what + degree + ": " + warning);
  if (answer.partial && answer.warnings.empty())
    out.notes.push_back(what + degree + ": some of the server's sources did not answer");
}

void PrometheusCollector::TakeFeature(const WantedFeature& feature,
                                      const Result<HttpResponse>& response, Collected& out) {
  const auto what = "feature " + prom::NameOf(feature);
  const auto answer = Parse(response);
  if (!answer) return TakeFailure(answer.error(), what, out);
  ++answered_;
  TakeWarnings(*answer, what, out);
  out.partial = out.partial || answer->partial;
  if (answer->series.empty() && !answer->partial && over_window_.contains(&feature))
    without_rates_.push_back(&feature);
  if (prom::AddReadings(feature, *answer, out) && !answer->partial) whole_.push_back(&feature);
}

void PrometheusCollector::TakeFact(const prom::FactQuery& query,
                                   const Result<HttpResponse>& response, Time tick,
                                   Collected& out) {
  const auto what = "fact " + Sanitize(query.name, 80);
  const auto answer = Parse(response);
  if (!answer) return TakeFailure(answer.error(), what, out);
  ++answered_;
  TakeWarnings(*answer, what, out);
  if (answer->scalar) {
    out.notes.push_back(what + ": the query returns a scalar, which always holds: want a vector");
    return;
  }
  std::vector<Fact> seen;
  for (const auto& series : answer->series)
    seen.push_back(prom::MakeFact(query, series, options_.fact_entity_label));
  if (seen.size() > kMaxFactsPerQuery) {
    out.notes.push_back(what + ": holds for " + std::to_string(seen.size()) +
                        " series, of which 200 are reported");
    std::stable_sort(seen.begin(), seen.end(),
                     [](const Fact& a, const Fact& b) { return a.object < b.object; });
    seen.resize(kMaxFactsPerQuery);
  }
  held_facts_.Update(query, std::move(seen), !answer->partial, tick);
}

void PrometheusCollector::AskTargets(const Tick& tick, const std::stop_token& stop) {
  // What was answered already must not come too late for it.
  const auto left = std::min(options_.timeout, (tick.deadline - context_.clock.Now()) / 2);
  const bool asked = targets_asked_ != Time{} && targets_asked_ <= tick.end;
  if ((asked && tick.end < targets_asked_ + kTargetsAskedAgain) || left <= Duration{}) return;
  targets_asked_ = tick.end;
  const auto response = context_.http.Send(
      options_.endpoint, prom::TargetsQuery({left, options_.max_body_bytes}), stop);
  intervals_ = response ? prom::ParseScrapeIntervals(*response) : std::map<Duration, size_t>{};
}

std::string PrometheusCollector::ScrapeIntervalNote(Duration real) const {
  const size_t all =
      std::accumulate(intervals_.begin(), intervals_.end(), size_t{0},
                      [](size_t sum, const auto& interval) { return sum + interval.second; });
  const size_t so = intervals_.at(real);
  std::string note = (so == all ? "" : std::to_string(so) + " of " + std::to_string(all) + " ") +
                     "targets are scraped every " + FormatDuration(real) +
                     ", but collect.prometheus.scrape_interval says " +
                     FormatDuration(options_.scrape_interval) + ": set it to " +
                     FormatDuration(real) + "; now without a value:";
  const size_t named = std::min(without_rates_.size(), kMostNamed);
  for (size_t i = 0; i < named; ++i)
    note += (i == 0 ? " " : ", ") + prom::NameOf(*without_rates_[i]);
  const size_t more = without_rates_.size() - named;
  return more == 0 ? note : note + " and " + std::to_string(more) + " more";
}

// A rate needs two scrapes in its window. Where it cannot see them, nothing is not zero.
void PrometheusCollector::CheckScrapeInterval(const Tick& tick, const std::stop_token& stop,
                                              Collected& out) {
  if (without_rates_.empty()) return;
  AskTargets(tick, stop);
  const auto real = prom::CommonInterval(intervals_, options_.scrape_interval);
  if (!real) return;
  out.notes.insert(out.notes.begin(), ScrapeIntervalNote(*real));
  if (2 * *real <= options_.window) return;
  std::erase_if(whole_, [&](const auto* feature) { return over_window_.contains(feature); });
}

Result<Collected> PrometheusCollector::Collect(const Tick& tick, std::stop_token stop) {
  answered_ = 0;
  first_error_.reset();
  whole_.clear();
  without_rates_.clear();
  auto responses = context_.http.SendAll(options_.endpoint, Requests(tick), stop);
  for (auto& response : responses)
    if (response) RedactSecrets(options_.endpoint, *response);
  if (stop.stop_requested()) return Cancelled("stopped");
  Collected out;
  size_t i = 0;
  for (const auto& feature : context_.features) TakeFeature(feature, responses[i++], out);
  CheckScrapeInterval(tick, stop, out);
  prom::AddZeros(whole_, out.readings);
  for (const auto& query : fact_queries_) TakeFact(query, responses[i++], tick.end, out);
  if (answered_ == 0 && first_error_) return WithRemedy(*first_error_);
  out.facts = held_facts_.Held(fact_queries_, tick.end);
  if (!fact_queries_.empty()) out.checkpoint = held_facts_.Checkpoint(tick.end);
  out.counters = counters_;
  if (out.notes.size() > kMaxNotes) {
    out.notes.resize(kMaxNotes);
    out.notes.push_back("and more");
  }
  return out;
}

Result<std::vector<PastReadings>> PrometheusCollector::Backfill(Window range,
                                                                std::stop_token stop) {
  return prom::Backfill(context_, options_, range, std::move(stop));
}

std::unique_ptr<Collector> Make(const Section& section, CollectorContext context) {
  auto options = prom::ReadOptions(section);
  if (options.endpoint.base_url.empty()) return nullptr;
  if (context.features.empty() && AllFactQueries(options, context.facts).empty()) return nullptr;
  return std::make_unique<PrometheusCollector>(std::move(options), std::move(context));
}

}  // namespace

extern const CollectorDescriptor kPrometheusCollector;
const CollectorDescriptor kPrometheusCollector{
    .name = "prometheus",
    .section = "prometheus",
    .help = "Features and facts by PromQL from Prometheus, Thanos, Mimir or VictoriaMetrics.",
    .facts = prom::BuiltInFactInfos(),
    .make = Make,
};

}  // namespace aiops
