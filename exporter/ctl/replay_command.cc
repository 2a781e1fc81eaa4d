#include <CLI/App.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>

#include "app/setup.h"
#include "base/log.h"
#include "ctl/command.h"
#include "ctl/terminal.h"
#include "pipeline/recording.h"
#include "pipeline/training_run.h"

namespace aiops {
namespace {

struct ReplayOptions {
  std::string folder;
  bool update = false;
  size_t train_after = 0;
};

std::vector<EngineOptions::Source> SourcesOf(const Setup& setup) {
  std::vector<EngineOptions::Source> out;
  for (const auto* descriptor : AllCollectors()) {
    EngineOptions::Source source{descriptor->name, {}};
    for (const auto& fact : descriptor->facts) source.facts.emplace_back(fact.name);
    if (source.name == "prometheus")
      for (const auto& rule : setup.config.fact_rules) source.facts.push_back(rule.name);
    out.push_back(std::move(source));
  }
  return out;
}

// The engine of the daemon, driven by a recording instead of by time.
class Replay {
 public:
  Replay(const Setup& setup, Store& store, std::ostream& out)
      : setup_(setup),
        out_(out),
        engine_(setup.config, store, {Time{}, SourcesOf(setup)},
                [this](std::vector<Anomaly> told) { Tell(told); }) {}

  Result<void> Run(std::istream& in, const std::string& name, size_t train_after) {
    std::vector<std::string> names;
    for (const auto* descriptor : AllCollectors()) names.emplace_back(descriptor->name);
    std::string line;
    for (size_t number = 1; std::getline(in, line); ++number) {
      if (line.empty()) continue;
      auto recorded = ParseRecordedTick(line, setup_.config.scopes, names);
      const auto place = [&] { return name + ":" + std::to_string(number); };
      if (!recorded) return std::move(recorded).error().Wrap(place());
      if (ticks_ > 0 && recorded->tick.end <= last_)
        return InvalidArgument(place() + ": the tick ends at " + FormatTime(recorded->tick.end) +
                               ", no later than the one before it");
      Step(std::move(*recorded));
      if (++ticks_ == train_after) Train(last_);
    }
    if (ticks_ == 0) return InvalidArgument(name + " holds no tick; `aiopsctl record` makes some");
    return {};
  }

 private:
  void Step(RecordedTick recorded) {
    const Tick tick = recorded.tick;
    last_ = tick.end;
    engine_.OnTick(tick, std::move(recorded.answers));
    if (FloorTo(tick.end, setup_.config.detect.interval) == tick.end) {
      for (const Judged& judged : engine_.Round(tick.end).judged)
        out_ << ToJsonLine(judged) << "\n";
    }
    engine_.Housekeep(tick.end);
  }

  void Train(Time now) {
    const SystemClock clock;
    TrainingRun run(engine_, clock, now, setup_.config.detect.forest.seed, "replay");
    while (run.Read()) {
      run.Work({});
      run.Adopt(now);
    }
  }

  // Prints what is new in the set that receivers would be told.
  void Tell(const std::vector<Anomaly>& told) {
    for (const Anomaly& a : told)
      if (told_.insert({a.id, a.severity, a.state}).second) out_ << ToJsonLine(a) << "\n";
  }

  const Setup& setup_;
  std::ostream& out_;
  std::set<std::tuple<std::int64_t, Severity, AnomalyState>> told_;
  Engine engine_;
  Time last_;
  size_t ticks_ = 0;
};

Result<std::string> Play(const ReplayOptions& options) {
  AIOPS_TRY_VOID(SetUpLog("error", "logfmt"));  // the outcome is printed, not logged
  SystemClock clock;
  const auto http = MakeHttpClient();
  AIOPS_TRY(const Setup setup,
            MakeSetup({.config_file = options.folder + "/aiops.yml"}, clock, *http));
  const std::string path = options.folder + "/samples.jsonl";
  std::ifstream in(path);
  if (!in) return NotFound("cannot read " + path + "; `aiopsctl record` makes one");
  AIOPS_TRY(const auto store, Store::Open({.path = ":memory:",
                                           .retention_samples = hours(24 * 3650),
                                           .retention_anomalies = hours(24 * 3650)},
                                          clock));
  std::ostringstream out;
  Replay replay(setup, *store, out);
  AIOPS_TRY_VOID(replay.Run(in, path, options.train_after));
  return out.str();
}

// The first line in which two texts differ.
std::string FirstDifference(const std::string& expected, const std::string& got) {
  std::istringstream a(expected), b(got);
  std::string left, right;
  for (size_t number = 1;; ++number) {
    const bool more_left = static_cast<bool>(std::getline(a, left));
    const bool more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left && !more_right) return "";
    if (!more_left || !more_right || left != right) {
      return "line " + std::to_string(number) + "\n  expected " + (more_left ? left : "the end") +
             "\n  got      " + (more_right ? right : "the end");
    }
  }
}

int Compare(const ReplayOptions& options, const std::string& got, CommandLine& line) {
  const std::string path = options.folder + "/expected.jsonl";
  if (options.update) {
    std::ofstream(path) << got;
    line.err << "wrote " << path << "\n";
    return kExitOk;
  }
  std::ifstream in(path);
  if (!in) {
    line.out << got;
    return kExitOk;
  }
  std::ostringstream expected;
  expected << in.rdbuf();
  const std::string difference = FirstDifference(expected.str(), got);
  if (difference.empty()) {
    line.err << "the replay says what " << path << " says\n";
    return kExitOk;
  }
  line.err << path << " differs in " << TerminalText(difference)
           << "\n--update records the new outcome.\n";
  return kExitFailed;
}

}  // namespace

void AddReplayCommand(CommandLine& line) {
  auto& command = line.Add(
      "replay", "Plays a recording through the daemon's own pipeline and prints what it would say.",
      "  aiopsctl replay recording/            needs aiops.yml and samples.jsonl there\n"
      "  aiopsctl replay recording/ --update   record the outcome in expected.jsonl");
  const auto options = std::make_shared<ReplayOptions>();
  command.add_option("folder", options->folder, "Holds aiops.yml and samples.jsonl.")->required();
  command.add_flag("--update", options->update, "Write expected.jsonl instead of comparing.");
  command.add_option("--train-after", options->train_after, "Fit the models after so many ticks.");
  line.Run(command, [&line, options] {
    const auto got = Play(*options);
    if (got) return Compare(*options, *got, line);
    return Fail(got.error(), line);
  });
}

}  // namespace aiops
