#include "ctl/backtest_recording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>

#include "app/setup.h"
#include "config/section.h"
#include "ctl/backtest.h"
#include "ctl/checked_config.h"
#include "ctl/progress_line.h"
#include "ctl/terminal.h"
#include "pipeline/anomaly_tracker.h"
#include "text/human_number.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMostEpisodes = 200;
constexpr Time kEarliest = FromUnixMillis(100'000'000'000);  // in 1973: no recording is as old

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

Result<BacktestOptions> Plan(const RecordingBacktest& options, const CsvTable& table,
                             const Config& config) {
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

// What became of the rows: their verdicts, and the episodes that the daemon makes of them.
class Outcome {
 public:
  Outcome(const Config& config, Scope scope)
      : scope_(std::move(scope)), tracker_({config.detect.close_after, 2}) {}

  void Take(Time time, const Score& score) {
    warnings_ += score.verdict == Verdict::kWarning ? 1 : 0;
    criticals_ += score.verdict == Verdict::kCritical ? 1 : 0;
    for (const Anomaly& anomaly :
         tracker_.Observe(scope_, {scope_.name, ""}, {}, time, score, Effect::kFull))
      episodes_[anomaly.id] = anomaly;
  }

  std::vector<Anomaly> Episodes() const {
    std::vector<Anomaly> out;
    for (const auto& [id, anomaly] : episodes_) out.push_back(anomaly);
    return out;
  }

  // "2 episodes (1 critical, 1 warning), of 21 critical and 4 warning rows"
  std::string Text() const {
    const auto critical =
        static_cast<size_t>(std::count_if(episodes_.begin(), episodes_.end(), [](const auto& e) {
          return e.second.severity == Severity::kCritical;
        }));
    return CountText(episodes_.size(), "episode") + " (" + std::to_string(critical) +
           " critical, " + std::to_string(episodes_.size() - critical) + " warning), of " +
           std::to_string(criticals_) + " critical and " + std::to_string(warnings_) +
           " warning rows";
  }

 private:
  const Scope scope_;
  AnomalyTracker tracker_;
  std::map<std::int64_t, Anomaly> episodes_;
  size_t warnings_ = 0;
  size_t criticals_ = 0;
};

// Judges the table and writes its lines; the reason where no model could be fitted.
std::string Judge(const Config& config, const CsvTable& table, const BacktestOptions& plan,
                  std::ostream& out, std::ostream& err, Outcome& outcome) {
  ProgressLine progress(err, "row", table.rows());
  WriteHeader(out, table);
  return Backtest(
      config, table, plan,
      [&](size_t row, const Score& score) {
        out << LineOf(row, table.times[row], score);
        outcome.Take(table.times[row], score);
      },
      [&](size_t row) {
        if (row % 64 == 0) progress.Tell(row);
        return out.good();
      });
}

Result<void> RefuseFiles(const RecordingBacktest& options) {
  if (options.csv.empty())
    return InvalidArgument("want --prometheus URL, or --csv FILE; --help tells more");
  if (options.out.empty())
    return InvalidArgument("--csv needs --out FILE; - writes standard output");
  std::error_code differ;
  if (std::filesystem::equivalent(options.csv, options.out, differ))
    return InvalidArgument("--out is the file that is read; name another one");
  return {};
}

}  // namespace

std::string DoubtAboutTimes(const CsvTable& table, const std::string& column, Duration interval) {
  if (table.rows() < 2) return "";
  const auto [first, last] = std::minmax_element(table.times.begin(), table.times.end());
  const Duration step = UsualInterval(table);
  if (*last >= kEarliest || *first < Time{} || (step == interval && step > seconds(1))) return "";
  const auto number = [](Time time) { return std::to_string(UnixMillis(time) / 1000); };
  return "the column " + Sanitize(column, 60) + " looks like a running number (" + number(*first) +
         " to " + number(*last) +
         "); it was taken as seconds since 1970, so that hours and weekdays are wrong. Make "
         "times of it: begin + number x " +
         FormatDuration(interval);
}

std::string RecordingTable(const std::vector<Anomaly>& episodes, Duration interval,
                           const TimeZone& zone) {
  if (episodes.empty()) return "";
  Table table{{"TIME", "LASTED", "SEVERITY", "SCORE", "REASON"}, {}};
  for (size_t i = 0; i < std::min(episodes.size(), kMostEpisodes); ++i) {
    const Anomaly& a = episodes[i];
    table.rows.push_back({zone.Format(a.started_at),
                          FormatDuration(a.last_seen_at - a.started_at + interval),
                          std::string(ToString(a.severity)), HumanNumber(a.score, ""), a.summary});
  }
  std::string out = Render(table, "  ");
  if (episodes.size() > kMostEpisodes)
    out += "  and " + std::to_string(episodes.size() - kMostEpisodes) + " more\n";
  return out + "  Times in " + zone.name() + ".\n";
}

Result<void> RunRecordingBacktest(const RecordingBacktest& options, std::ostream& out,
                                  std::ostream& err) {
  AIOPS_TRY_VOID(RefuseFiles(options));
  AIOPS_TRY(const Config config, LoadConfig(options.config));
  AIOPS_TRY(const CsvTable table, LoadCsv(options.csv, options.columns));
  AIOPS_TRY(const BacktestOptions plan, Plan(options, table, config));
  std::ofstream file;
  if (options.out != "-") file.open(options.out);
  std::ostream& lines = options.out == "-" ? out : file;
  Outcome outcome(config, ScopeOf(table, config, plan.interval));
  const std::string untrained = Judge(config, table, plan, lines, err, outcome);
  if (!lines.flush()) return Unavailable("cannot write to " + options.out);
  if (const auto doubt = DoubtAboutTimes(table, options.columns.time_column, plan.interval);
      !doubt.empty())
    err << "Beware: " << TerminalText(doubt) << ".\n";
  if (plan.train_rows >= table.rows())
    err << "No row is left to be scored: all " << table.rows()
        << " would train. Give a smaller --train-rows or an earlier --train-until.\n";
  else
    err << table.rows() - plan.train_rows << " rows scored, the " << plan.train_rows
        << " before them trained: " << outcome.Text() << ".\n"
        << RecordingTable(outcome.Episodes(), plan.interval, config.timezone);
  if (!untrained.empty())
    err << "No model: " << TerminalText(untrained) << ". EWMA judged alone.\n";
  return {};
}

}  // namespace aiops
