#include <CLI/App.hpp>
#include <memory>

#include "app/setup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ctl/backtest_cache.h"
#include "ctl/backtest_prometheus.h"
#include "ctl/backtest_recording.h"
#include "ctl/command.h"
#include "ctl/interrupt.h"

namespace aiops {
namespace {

// Some options are those of both kinds.
Result<void> RunHistory(const RecordingBacktest& recording, PrometheusBacktest history,
                        CommandLine& line) {
  history.config = recording.config;
  history.train_until = recording.train_until;
  if (!recording.out.empty()) history.out = recording.out;
  AIOPS_TRY_VOID(SetUpLog("error", "logfmt"));  // the outcome is printed, not logged
  const Interrupt interrupt;
  SystemClock clock;
  const auto http = MakeHttpClient();
  return RunPrometheusBacktest(history, clock, *http, interrupt.token(), line.out, line.err);
}

// Returns the option that chooses the Prometheus.
CLI::Option* AddHistoryOptions(CLI::App& command, PrometheusBacktest& history) {
  auto* prometheus =
      command
          .add_option("--prometheus", history.url,
                      "Judge the history in the Prometheus (Thanos, Mimir, VictoriaMetrics) there. "
                      "Without a URL: the configuration's, with its credentials.")
          ->expected(0, 1);
  const auto with = [&](CLI::Option* option) { option->needs(prometheus); };
  with(command
           .add_option("--from", history.from,
                       "Judge from then on: how long ago (7d), RFC 3339, or seconds since 1970.")
           ->capture_default_str());
  with(command.add_option("--to", history.to, "The last moment.")->capture_default_str());
  with(command
           .add_option("--train-for", history.train_for,
                       "So much before --train-until trains, as far as there is history.")
           ->capture_default_str());
  with(command.add_option("--compare", history.compare,
                          "Another aiops.yml: what it would have told, beside the first."));
  with(command.add_flag("--json", history.json, "Print JSON (docs/backtest.md)."));
  with(command.add_option("--html", history.html,
                          "Write a report with curves into this file: one file, nothing to load."));
  with(command.add_option("--cache", history.cache,
                          "Folder that keeps what was read; '' keeps nothing."));
  with(command.add_option("--pause", history.pause, "Between two queries.")->capture_default_str());
  with(command.add_option("--limit", history.limit, "Refuse to read more points.")
           ->check(CLI::NonNegativeNumber)
           ->capture_default_str());
  with(command.add_flag("--yes", history.yes, "Read more than --limit, too."));
  return prometheus;
}

// Returns the option that chooses the recording.
CLI::Option* AddCsvOptions(CLI::App& command, RecordingBacktest& options) {
  auto* csv =
      command.add_option("--csv", options.csv, "Judge the recording; - reads standard input.");
  command.add_option("--time-column", options.columns.time_column,
                     "RFC 3339, 2013-07-04 00:00:00 (UTC), or seconds since 1970. Default: time.");
  command
      .add_option("--feature-columns", options.columns.features,
                  "Comma-separated names. Default: all but the time.")
      ->delimiter(',');
  command
      .add_option("--train-rows", options.train_rows,
                  "So many rows of a CSV train the model, the others are scored.")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--interval", options.interval,
                     "Between rows of a CSV, as 60s. Default: the usual distance of two rows.");
  return csv;
}

}  // namespace

void AddBacktestCommand(CommandLine& line) {
  auto& command = line.Add(
      "backtest",
      "Judges what has been, sample by sample, each from earlier ones only, as the daemon does: "
      "the "
      "history in a Prometheus, or a recording in a CSV file.",
      "  aiopsctl backtest --prometheus http://localhost:9090\n"
      "      what the last 7 days would have told you; the up to 14 days before them train\n"
      "  aiopsctl backtest --prometheus --config aiops.yml --from 30d --html report.html\n"
      "      the URL and its credentials from the configuration, and a report with curves\n"
      "  aiopsctl backtest --prometheus --config aiops.yml --compare quieter.yml\n"
      "      two configurations side by side\n"
      "  aiopsctl backtest --csv week.csv --train-rows 10080 --out scores.csv\n"
      "      columns: row (from 0 in the file), time, score (1 is the WARNING threshold), level,\n"
      "      verdict, gate, and what each feature contributed\n"
      "A Prometheus is read one query at a time, and what was read is kept: Ctrl-C and run it "
      "again "
      "to go on.");
  const auto options = std::make_shared<RecordingBacktest>();
  const auto history = std::make_shared<PrometheusBacktest>();
  history->cache = DefaultCacheFolder();
  auto* prometheus = AddHistoryOptions(command, *history);
  AddCsvOptions(command, *options)->excludes(prometheus);
  auto* train_until = command.add_option(
      "--train-until", options->train_until,
      "Samples before this time train. Default: --from; of a CSV, the configured window.");
  train_until->excludes("--train-rows");
  command.add_option("--config", options->config,
                     "An aiops.yml for detect, timezone and features. Default: what is shipped; "
                     "with --prometheus the aiops.yml of this folder, if there is one.");
  command.add_option("--out", options->out, "The outcome; - writes standard output.");
  line.Run(command, [&line, options, history, prometheus] {
    const auto done = prometheus->count() > 0 ? RunHistory(*options, *history, line)
                                              : RunRecordingBacktest(*options, line.out, line.err);
    if (done) return int{kExitOk};
    return Fail(done.error(), line);
  });
}

}  // namespace aiops
