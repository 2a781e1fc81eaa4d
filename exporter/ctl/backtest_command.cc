#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "app/setup.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/section.h"
#include "ctl/backtest.h"
#include "ctl/backtest_cache.h"
#include "ctl/backtest_prometheus.h"
#include "ctl/checked_config.h"
#include "ctl/command.h"
#include "ctl/csv_table.h"
#include "ctl/interrupt.h"
#include "ctl/progress_line.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct Options {
  std::string csv;
  std::string out;
  std::string config;
  CsvOptions columns;
  std::optional<size_t> train_rows;
  std::string train_until;
  std::string interval;
};

// The configuration of `file`, or what the program ships.
Result<Config> LoadConfig(const std::string& file) {
  Sources sources;
  if (!file.empty()) {
    AIOPS_TRY(sources, ReadSources(file));
    AIOPS_TRY_VOID(RefuseProblems(sources, HostName()));
  }
  Document document(std::move(sources));
  return ReadConfig(document, HostName());
}

Result<BacktestOptions> Plan(const Options& options, const CsvTable& table, const Config& config) {
  BacktestOptions plan;
  plan.interval = UsualInterval(table);
  if (!options.interval.empty()) {
    AIOPS_TRY(plan.interval, ParseDuration(options.interval));
    if (plan.interval < milliseconds(1)) return InvalidArgument("--interval must be above 0");
  }
  if (options.train_rows) {
    plan.train_rows = *options.train_rows;
    return plan;
  }
  Time until = table.rows() == 0 ? Time{} : table.times[0] + config.detect.forest.window;
  if (!options.train_until.empty()) {
    AIOPS_TRY(until, ParseTime(options.train_until));
  }
  const auto behind = std::find_if(table.times.begin(), table.times.end(),
                                   [&](Time time) { return time >= until; });
  plan.train_rows = static_cast<size_t>(behind - table.times.begin());
  return plan;
}

void AppendNumber(std::string& line, double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  line += ',';
  if (error == std::errc() && std::isfinite(value)) line.append(text.data(), end);
}

void WriteHeader(std::ostream& out, const CsvTable& table) {
  out << "row,time,score,level,verdict,gate";
  for (const auto& feature : table.features) out << ',' << CsvField(feature);
  out << '\n';
}

std::string LineOf(size_t row, Time time, const Score& score) {
  const bool known = score.verdict != Verdict::kUnknown;
  std::string line = std::to_string(row) + "," + FormatTime(time);
  AppendNumber(line, known ? score.score : kMissing);
  AppendNumber(line, known ? score.level : kMissing);
  line += ',';
  line += ToString(score.verdict);
  line += ',';
  line += ToString(score.gate);
  for (const auto& feature : score.features)
    AppendNumber(line, known ? feature.contribution : kMissing);
  return line + '\n';
}

Result<void> RunRecording(const Options& options, CommandLine& line) {
  if (options.csv.empty())
    return InvalidArgument("want --prometheus URL, or --csv FILE; --help tells more");
  if (options.out.empty())
    return InvalidArgument("--csv needs --out FILE; - writes standard output");
  std::error_code differ;
  if (std::filesystem::equivalent(options.csv, options.out, differ))
    return InvalidArgument("--out is the file that is read; name another one");
  AIOPS_TRY(const Config config, LoadConfig(options.config));
  AIOPS_TRY(const CsvTable table, LoadCsv(options.csv, options.columns));
  AIOPS_TRY(const BacktestOptions plan, Plan(options, table, config));
  std::ofstream file;
  if (options.out != "-") file.open(options.out);
  std::ostream& out = options.out == "-" ? line.out : file;
  WriteHeader(out, table);
  std::string untrained;
  size_t warnings = 0, criticals = 0;
  {
    ProgressLine progress(line.err, "row", table.rows());
    untrained = Backtest(
        config, table, plan,
        [&](size_t row, const Score& score) {
          out << LineOf(row, table.times[row], score);
          warnings += score.verdict == Verdict::kWarning ? 1 : 0;
          criticals += score.verdict == Verdict::kCritical ? 1 : 0;
        },
        [&](size_t row) {
          if (row % 64 == 0) progress.Tell(row);
          return out.good();
        });
  }
  if (!out.flush()) return Unavailable("cannot write to " + options.out);
  if (plan.train_rows >= table.rows())
    line.err << "No row is left to be scored: all " << table.rows()
             << " would train. Give a smaller --train-rows or an earlier --train-until.\n";
  else
    line.err << table.rows() - plan.train_rows << " rows scored, the " << plan.train_rows
             << " before them trained: " << criticals << " critical, " << warnings << " warning.\n";
  if (!untrained.empty())
    line.err << "No model: " << TerminalText(untrained) << ". EWMA judged alone.\n";
  return {};
}

Result<void> RunHistory(const Options& options, PrometheusBacktest history, CommandLine& line) {
  history.config = options.config;
  history.train_until = options.train_until;
  if (!options.out.empty()) history.out = options.out;
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
           ->capture_default_str());
  with(command.add_flag("--yes", history.yes, "Read more than --limit, too."));
  return prometheus;
}

// Returns the option that chooses the recording.
CLI::Option* AddCsvOptions(CLI::App& command, Options& options) {
  auto* csv =
      command.add_option("--csv", options.csv, "Judge the recording; - reads standard input.");
  command.add_option("--time-column", options.columns.time_column,
                     "RFC 3339 or seconds since 1970. Default: time.");
  command
      .add_option("--feature-columns", options.columns.features,
                  "Comma-separated names. Default: all but the time.")
      ->delimiter(',');
  command.add_option("--train-rows", options.train_rows,
                     "So many rows of a CSV train the model, the others are scored.");
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
  const auto options = std::make_shared<Options>();
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
                                              : RunRecording(*options, line);
    if (done) return int{kExitOk};
    return Fail(done.error(), line);
  });
}

}  // namespace aiops
