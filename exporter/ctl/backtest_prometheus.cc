#include "ctl/backtest_prometheus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <set>
#include <vector>

#include "ctl/backtest_cache.h"
#include "ctl/backtest_page.h"
#include "ctl/backtest_report.h"
#include "ctl/backtest_source.h"
#include "ctl/moment.h"
#include "ctl/progress_line.h"
#include "ctl/terminal.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr const char* kUsualFile = "aiops.yml";

Result<BacktestRange> RangeOf(const PrometheusBacktest& options, Time now) {
  BacktestRange range;
  AIOPS_TRY(range.from, ParseMoment(options.from, now, "--from"));
  AIOPS_TRY(const Time to, ParseMoment(options.to, now, "--to"));
  range.to = std::min(to, now);
  range.train_until = range.from;
  if (!options.train_until.empty()) {
    AIOPS_TRY(range.train_until, ParseMoment(options.train_until, now, "--train-until"));
  }
  AIOPS_TRY(range.train_for, ParseDuration(options.train_for));
  if (range.from >= range.to)
    return InvalidArgument("--from (" + FormatTime(range.from) + ") must lie before --to (" +
                           FormatTime(range.to) + ")");
  if (range.train_until > range.from)
    return InvalidArgument("--train-until (" + FormatTime(range.train_until) +
                           ") must not lie behind --from (" + FormatTime(range.from) +
                           "): a model must not have seen what it judges");
  if (range.train_for < minutes(1) || range.train_for > range.train_until.time_since_epoch())
    return InvalidArgument("--train-for must be at least 1m, and not reach back before 1970");
  return range;
}

// One side of the comparison.
struct Side {
  BacktestSource source;
  ReadingPlan plan;
  BacktestReport report;
};

struct Reads {
  size_t queries = 0;
  size_t points = 0;
};

std::string TextOf(const Reads& reads) {
  return std::to_string(reads.points) + " points in " + std::to_string(reads.queries) + " queries";
}

class Run {
 public:
  Run(const PrometheusBacktest& options, Clock& clock, HttpClient& http, std::stop_token stop,
      std::ostream& err)
      : options_(options), clock_(clock), http_(http), stop_(std::move(stop)), err_(err) {}

  Result<std::vector<BacktestReport>> Reports() {
    const Time now = clock_.Now();
    AIOPS_TRY(range_, RangeOf(options_, now));
    AIOPS_TRY(pause_, ParseDuration(options_.pause));
    AIOPS_TRY(const auto cache, BacktestCache::Open(options_.cache, clock_));
    AIOPS_TRY_VOID(Open(now));
    AIOPS_TRY_VOID(Announce(cache));
    std::vector<BacktestReport> reports;
    for (Side& side : sides_) {
      AIOPS_TRY_VOID(Judge(side, cache));
      reports.push_back(std::move(side.report));
    }
    return reports;
  }

 private:
  Result<void> Open(Time now) {
    std::string config = options_.config;
    if (config.empty() && std::filesystem::exists(kUsualFile)) config = kUsualFile;
    std::vector<std::string> files{config};
    if (!options_.compare.empty()) files.push_back(options_.compare);
    for (const std::string& file : files) {
      AIOPS_TRY(auto source, OpenBacktestSource(file, options_.url));
      const Window window{range_.train_until - range_.train_for, range_.to};
      AIOPS_TRY(auto plan, PlanReading(source, window, clock_, http_, stop_));
      BacktestReport report;
      report.url = StripUrl(source.options.endpoint.base_url);
      report.configuration = Sanitize(source.name);
      report.now = now;
      report.zone = source.config.timezone;
      report.queries = plan.queries.size();
      report.points = plan.points();
      sides_.push_back({std::move(source), std::move(plan), std::move(report)});
    }
    return {};
  }

  // What is kept from before, or the same question of both sides: it is not sent.
  Reads KeptOf(const BacktestCache& cache) const {
    Reads kept;
    if (cache.folder().empty()) return kept;
    std::set<std::string> asked;
    for (const Side& side : sides_) {
      const HttpEndpoint& endpoint = side.source.options.endpoint;
      for (const prom::HistoryQuery& query : side.plan.queries) {
        const std::string& expr = side.plan.features[query.feature].expr;
        if (asked.insert(cache.FileOf(endpoint, expr, query)).second &&
            !cache.Holds(endpoint, expr, query))
          continue;
        ++kept.queries;
        kept.points += query.points() * side.plan.series[query.feature];
      }
    }
    return kept;
  }

  Result<void> Announce(const BacktestCache& cache) {
    Reads all;
    for (const Side& side : sides_) {
      all.queries += side.report.queries;
      all.points += side.report.points;
    }
    const Reads kept = KeptOf(cache);
    err_ << TerminalText("Reading up to " + TextOf(all) + " from " + sides_[0].report.url +
                         " for " + sides_[0].report.configuration +
                         (sides_.size() > 1 ? " and " + sides_[1].report.configuration : "") +
                         ", one at a time" +
                         (kept.queries == 0 ? "" : "; of them " + TextOf(kept) + " are known") +
                         (cache.folder().empty() ? "; nothing is kept"
                                                 : "; answers are kept in " + cache.folder()))
         << ".\n"
         << std::flush;
    if (all.points <= options_.limit || options_.yes) return {};
    return InvalidArgument(std::to_string(all.points) + " points are more than --limit " +
                           std::to_string(options_.limit) +
                           ": choose a shorter range or fewer entities, or say --yes");
  }

  Result<void> Judge(Side& side, const BacktestCache& cache) {
    AIOPS_TRY(prom::History history, Read(side, cache));
    history.notes.insert(side.plan.notes.begin(), side.plan.notes.end());
    if (history.ticks.upper_bound(range_.from) == history.ticks.end())
      return NoValue(side, history);
    side.report.sent = history.sent;
    const Duration step = side.source.config.collect.interval;
    const Time begin =
        std::max(history.ticks.begin()->first, range_.train_until - range_.train_for);
    ProgressLine progress(err_, "sample", static_cast<size_t>((range_.to - begin) / step));
    AIOPS_TRY(side.report.outcome,
              RunBacktest(side.source.config, history, range_, [&](size_t tick) {
                progress.Tell(tick);
                return !stop_.stop_requested();
              }));
    side.report.notes = BacktestNotes(history, side.report.outcome, side.report.zone);
    return {};
  }

  Error NoValue(const Side& side, const prom::History& history) const {
    std::string why =
        "Prometheus at " + side.report.url + " has no value of any feature of " +
        side.report.configuration + " between " + FormatTime(range_.from) + " and " +
        FormatTime(range_.to) +
        ": is its retention long enough, and are the exporters scraped that the features' expr "
        "name?";
    for (const std::string& note : history.notes) why += "; " + note;
    return NotFound(why);
  }

  Result<prom::History> Read(const Side& side, const BacktestCache& cache) {
    ProgressLine progress(err_, "query", side.report.queries);
    return ReadPlan(side.source, side.plan, cache,
                    {pause_, [&](size_t done) { progress.Tell(done); }}, clock_, http_, stop_);
  }

  const PrometheusBacktest& options_;
  Clock& clock_;
  HttpClient& http_;
  const std::stop_token stop_;
  std::ostream& err_;
  BacktestRange range_;
  Duration pause_{};
  std::vector<Side> sides_;
};

Result<void> WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) return Unavailable("cannot write to " + TerminalText(path));
  return {};
}

Result<void> Tell(const PrometheusBacktest& options, const std::vector<BacktestReport>& reports,
                  std::ostream& out, std::ostream& err) {
  const BacktestReport* second = reports.size() > 1 ? &reports[1] : nullptr;
  if (!options.html.empty()) {
    AIOPS_TRY_VOID(WriteFile(options.html, BacktestPage(reports[0], second)));
    err << "The report is in " << TerminalText(options.html) << ".\n";
  }
  std::string text;
  if (options.json)
    text = second ? BacktestJson(reports[0], *second) : BacktestJson(reports[0]);
  else
    text = second ? BacktestText(reports[0], *second) : BacktestText(reports[0]);
  if (options.out != "-") return WriteFile(options.out, text);
  if (!(out << text).flush()) return Unavailable("cannot write to standard output");
  return {};
}

}  // namespace

Result<void> RunPrometheusBacktest(const PrometheusBacktest& options, Clock& clock,
                                   HttpClient& http, std::stop_token stop, std::ostream& out,
                                   std::ostream& err) {
  const auto reports = Run(options, clock, http, std::move(stop), err).Reports();
  if (!reports && reports.error().kind == ErrorKind::kCancelled)
    return Cancelled(options.cache.empty()
                         ? "stopped"
                         : "stopped; what was read is kept: run it again to go on");
  if (!reports) return reports.error();
  return Tell(options, *reports, out, err);
}

}  // namespace aiops
