#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "collect/nginx/line_reader.h"
#include "collect/nginx/named_formats.h"
#include "ctl/command.h"
#include "ctl/log_input.h"
#include "ctl/log_report.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

constexpr size_t kShownBroken = 5;
constexpr size_t kShownBytes = 200;
constexpr auto kProgressAfter = seconds(2);
constexpr auto kProgressEvery = milliseconds(200);

struct ParseLogOptions {
  std::vector<std::string> files;
  std::string format{kGuess};
  std::string wrapper{kGuess};
  bool json = false;
};

// A line that is written over and over, on a terminal, when it takes long.
class Progress {
 public:
  explicit Progress(std::ostream& err)
      : err_(err), shown_(&err == &std::cerr && ::isatty(STDERR_FILENO) == 1) {}
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Tell(const std::string& path, std::uint64_t bytes) {
    if (!shown_ || clock_.Steady() < next_) return;
    next_ = clock_.Steady() + kProgressEvery;
    err_ << "\r\033[K" << TerminalText(path, 200) << ": " << bytes / 1'000'000 << " MB read"
         << std::flush;
    drawn_ = true;
  }
  void Clear() {
    if (std::exchange(drawn_, false)) err_ << "\r\033[K" << std::flush;
  }

 private:
  std::ostream& err_;
  const bool shown_;
  const SystemClock clock_;
  std::chrono::steady_clock::time_point next_ = clock_.Steady() + kProgressAfter;
  bool drawn_ = false;
};

// Keeps the first ones; while a format is guessed, lines are told in another order than they came.
void Note(const std::string& path, const BadLine& bad, std::vector<BrokenLine>& broken) {
  if (broken.size() >= kShownBroken && broken.back().number < bad.number) return;
  const auto at = std::find_if(broken.begin(), broken.end(),
                               [&](const BrokenLine& each) { return each.number > bad.number; });
  broken.insert(at, {path, bad.number, std::string(ToString(bad.fault)),
                     std::string(bad.text.substr(0, kShownBytes))});
  if (broken.size() > kShownBroken) broken.pop_back();
}

Result<void> ReadOne(const std::string& path, const LineOptions& lines, LogReport& report,
                     Progress& progress) {
  LineReader reader(lines);
  std::vector<BrokenLine> broken;
  const LineHandlers handlers{[&](const LogEntry& entry) { report.tally.Add(entry); },
                              [&](const BadLine& bad) {
                                report.tally.AddBad(bad.fault);
                                Note(path, bad, broken);
                              },
                              [&] { report.tally.AddIgnored(); }};
  report.tally.NextFile();
  const auto before = report.tally.seen();
  auto done = ReadLogInput(
      path, [&](std::string_view line, LineFault fault) { reader.OnLine(line, fault, handlers); },
      [&](std::uint64_t bytes) { progress.Tell(path, bytes); });
  reader.Flush(handlers);
  const bool empty = report.tally.seen() == before;
  if (!done && empty) return done;  // why is told beside the tables
  report.files.push_back({path, reader.format(),
                          std::string(ToString(reader.wrapper().value_or(Wrapper::kNone))), empty});
  const size_t room = kShownBroken - report.broken.size();
  if (broken.size() > room) broken.resize(room);
  std::move(broken.begin(), broken.end(), std::back_inserter(report.broken));
  return done;
}

// Not one line could be read: what was tried, and where to read on.
void TellUnreadable(const ParseLogOptions& options, std::ostream& err) {
  std::string tried;
  for (const auto name : FormatNames()) tried += (tried.empty() ? "" : ", ") + std::string(name);
  err << "No line could be read: "
      << (options.format == kGuess
              ? "none of the known formats fits (" + tried + "). Describe yours with --format"
              : "the given format does not fit. --format auto tries those that are known")
      << "; docs/collectors/nginx_log.md shows how.\n";
}

// Sums all files; says of those that cannot be read, or not to their end, why.
int ParseLog(const ParseLogOptions& options, CommandLine& line) {
  LineOptions lines;
  lines.format = options.format;
  lines.wrapper = WrapperNamed(options.wrapper);
  if (lines.format != kGuess) {
    if (const auto parser = MakeLineParser(lines.format, {}); !parser) {
      line.err << "--format: " << TerminalText(parser.error().message) << "\n";
      return kExitUsage;
    }
  }
  int code = kExitOk;
  LogReport report;
  Progress progress(line.err);
  for (const auto& path : options.files) {
    const auto done = ReadOne(path, lines, report, progress);
    progress.Clear();
    if (done) continue;
    line.err << AsCalled(TerminalText(done.error().message), line.call) << "\n";
    code = kExitFailed;
  }
  report.tally.Finish();
  if (report.tally.left_out() > 0) {
    line.err << report.tally.left_out() << " requests are missing in the minutes: more than "
             << LogTally::kMaxMinutes << " minutes in one run\n";
  }
  if (report.tally.seen() == 0 && code != kExitOk) return code;
  options.json ? PrintJson(report, line.out) : PrintTables(report, line.out);
  if (report.tally.valid() == 0 && report.tally.bad() > 0) {
    TellUnreadable(options, line.err);
    code = kExitFailed;
  }
  return code;
}

}  // namespace

void AddParseLogCommand(CommandLine& line) {
  auto& command = line.Add(
      "parse-log",
      "Reads access logs as the daemon does and tells what is in them: how many lines count, which "
      "do not and why, statuses, clients, minutes. Changes nothing and keeps nothing. Fails if not "
      "one line could be read.",
      "  aiopsctl parse-log /var/log/nginx/access.log\n"
      "  aiopsctl parse-log access.log.2.gz access.log.1 access.log   oldest first: all summed\n"
      "  docker logs proxy 2>/dev/null | aiopsctl parse-log -\n"
      "  aiopsctl parse-log access.log --format '$remote_addr [$time_local] \"$request\" $status'\n"
      "  aiopsctl parse-log access.log --json | jq .malformed");
  const auto options = std::make_shared<ParseLogOptions>();
  command.add_option("file", options->files, "Logs, plain or .gz; - is standard input.")
      ->required();
  command.add_option("--format", options->format, "How the lines look: " + AllowedFormats() + ".")
      ->capture_default_str();
  command
      .add_option("--wrapper", options->wrapper,
                  "What a container engine put around them: auto, none, docker, cri.")
      ->check(CLI::IsMember({"auto", "none", "docker", "cri"}))
      ->capture_default_str();
  command.add_flag("--json", options->json, "One JSON object.");
  line.Run(command, [&line, options] { return ParseLog(*options, line); });
}

}  // namespace aiops
