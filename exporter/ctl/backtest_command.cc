#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <memory>
#include <optional>

#include "app/setup.h"
#include "base/clock.h"
#include "config/section.h"
#include "ctl/backtest.h"
#include "ctl/checked_config.h"
#include "ctl/command.h"
#include "ctl/csv_table.h"
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
    std::string problems;
    for (const auto& problem : CheckConfig(sources, HostName()).problems)
      problems += (problems.empty() ? "" : "\n") + ToString(problem);
    if (!problems.empty()) return InvalidArgument(problems);
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

// On a terminal, once a run has lasted for two seconds, ten times a second.
class ProgressLine {
 public:
  ProgressLine(std::ostream& err, size_t rows) : err_(err), rows_(rows), start_(clock_.Steady()) {}
  ~ProgressLine() {
    if (shown_ >= 0) err_ << "\r\x1b[K";
  }
  void Tell(size_t row) {
    if (!terminal_ || row % 64 != 0) return;
    const double passed = std::chrono::duration<double>(clock_.Steady() - start_).count();
    const auto tenth = static_cast<std::int64_t>(passed * 10);
    if (passed < 2 || tenth == shown_) return;
    shown_ = tenth;
    err_ << "\rrow " << row << " of " << rows_ << std::flush;
  }

 private:
  std::ostream& err_;
  size_t rows_;
  SystemClock clock_;
  std::chrono::steady_clock::time_point start_;
  bool terminal_ = isatty(STDERR_FILENO) == 1;
  std::int64_t shown_ = -1;
};

Result<void> Run(const Options& options, CommandLine& line) {
  AIOPS_TRY(const Config config, LoadConfig(options.config));
  AIOPS_TRY(const CsvTable table, LoadCsv(options.csv, options.columns));
  AIOPS_TRY(const BacktestOptions plan, Plan(options, table, config));
  std::ofstream file;
  if (options.out != "-") file.open(options.out);
  std::ostream& out = options.out == "-" ? line.out : file;
  WriteHeader(out, table);
  std::string untrained;
  {
    ProgressLine progress(line.err, table.rows());
    untrained = Backtest(
        config, table, plan,
        [&](size_t row, const Score& score) { out << LineOf(row, table.times[row], score); },
        [&](size_t row) {
          progress.Tell(row);
          return out.good();
        });
  }
  if (!out.flush()) return Unavailable("cannot write to " + options.out);
  if (plan.train_rows >= table.rows())
    line.err << "No row is left to be scored: all " << table.rows()
             << " would train. Give a smaller --train-rows or an earlier --train-until.\n";
  if (!untrained.empty())
    line.err << "No model: " << TerminalText(untrained) << ". EWMA judged alone.\n";
  return {};
}

}  // namespace

void AddBacktestCommand(CommandLine& line) {
  auto& command =
      line.Add("backtest",
               "Judges a recording in a CSV file row by row, each from earlier rows only, as the "
               "daemon does.",
               "  aiopsctl backtest --csv week.csv --train-rows 10080 --out scores.csv\n"
               "  aiopsctl backtest --csv week.csv --train-until 2026-11-01T00:00:00Z --out -\n"
               "Columns of the outcome: row (from 0 in the file), time, score (1 is the WARNING "
               "threshold),\n"
               "level, verdict, gate, and what each feature contributed.");
  const auto options = std::make_shared<Options>();
  command.add_option("--csv", options->csv, "The recording; - reads standard input.")->required();
  command.add_option("--time-column", options->columns.time_column,
                     "RFC 3339 or seconds since 1970. Default: time.");
  command
      .add_option("--feature-columns", options->columns.features,
                  "Comma-separated names. Default: all but the time.")
      ->delimiter(',');
  auto* rows = command.add_option("--train-rows", options->train_rows,
                                  "So many rows train the model, the others are scored.");
  command
      .add_option("--train-until", options->train_until,
                  "Rows before this time train. Default: the configured training window.")
      ->excludes(rows);
  command.add_option("--interval", options->interval,
                     "Between rows, as 60s. Default: the usual distance of two rows.");
  command.add_option("--config", options->config,
                     "An aiops.yml for detect, timezone and features. Default: what is shipped.");
  command.add_option("--out", options->out, "The outcome; - writes standard output.")->required();
  line.Run(command, [&line, options] {
    const auto done = Run(*options, line);
    if (done) return int{kExitOk};
    return Fail(done.error(), line);
  });
}

}  // namespace aiops
