#include <CLI/App.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "app/setup.h"
#include "ctl/command.h"
#include "pipeline/collector_runner.h"
#include "pipeline/recording.h"

namespace aiops {
namespace {

struct RecordOptions {
  std::string config = "aiops.yml";
  std::string folder;
  std::string duration = "10m";
  bool force = false;
};

// Runs the configured collectors, one thread each as in the daemon, and writes down their answers.
class Recorder {
 public:
  Recorder(Setup& setup, Clock& clock) : setup_(setup), clock_(clock) {
    for (auto& named : setup.collectors) {
      names_.emplace_back(named.descriptor->name);
      runners_.push_back(std::make_unique<CollectorRunner>(
          runners_.size(), *named.descriptor, std::move(named.collector), clock,
          [this](Answer answer) { Take(std::move(answer)); }));
    }
    for (auto& runner : runners_) runner->Start("");
  }

  void Run(Duration duration, std::ostream& samples, std::ostream& progress) {
    const Duration step = setup_.config.collect.interval;
    const Time until = clock_.Now() + duration;
    for (Time end = FloorTo(clock_.Now(), step) + step; end <= until; end += step) {
      const RecordedTick recorded = Gather({end - step, end, end + setup_.config.collect.deadline});
      samples << ToJsonLine(recorded, setup_.config.scopes, names_) << "\n" << std::flush;
      progress << FormatTime(end) << ": " << recorded.answers.size() << " of " << runners_.size()
               << " sources answered\n";
    }
  }

 private:
  void Take(Answer answer) {
    {
      std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
    }
    waker_.Wake();
  }

  RecordedTick Gather(const Tick& tick) {
    for (auto& runner : runners_) runner->Assign(tick);
    RecordedTick out{tick, {}};
    while (clock_.Now() < tick.deadline && out.answers.size() < runners_.size()) {
      waker_.WaitUntil(clock_, tick.deadline, {});
      std::lock_guard lock(mutex_);
      for (auto& answer : answers_)
        if (answer.tick.end == tick.end) out.answers.push_back(std::move(answer));
      answers_.clear();
    }
    return out;
  }

  Setup& setup_;
  Clock& clock_;
  std::vector<std::string> names_;
  std::mutex mutex_;
  std::vector<Answer> answers_;
  Waker waker_;
  std::vector<std::unique_ptr<CollectorRunner>> runners_;  // last: stop before what they call
};

Result<void> Record(const RecordOptions& options, std::ostream& progress) {
  AIOPS_TRY(const Duration duration, ParseDuration(options.duration));
  SystemClock clock;
  const auto http = MakeHttpClient();
  AIOPS_TRY(auto setup, MakeSetup({.config_file = options.config}, clock, *http));
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  const std::string path = options.folder + "/samples.jsonl";
  if (!options.force && std::filesystem::exists(path, failed))
    return InvalidArgument(path + " is there already: choose another folder, or --force");
  std::ofstream samples(path);
  std::filesystem::copy_file(options.config, options.folder + "/aiops.yml",
                             std::filesystem::copy_options::overwrite_existing, failed);
  if (!samples || failed) return Unavailable("cannot write " + path + ": is the folder writable?");
  progress << "recording " << options.duration << " into " << path << "; Ctrl-C ends it earlier\n";
  Recorder(setup, clock).Run(duration, samples, progress);
  if (!samples) return Unavailable("cannot write " + path + ": is the disk full?");
  return {};
}

}  // namespace

void AddRecordCommand(CommandLine& line) {
  auto& command =
      line.Add("record",
               "Writes down what the collectors return, to be replayed later. Beware: it "
               "copies the configuration, secrets in it included.",
               "  aiopsctl record recording/ --for 30m\n"
               "  aiopsctl replay recording/");
  const auto options = std::make_shared<RecordOptions>();
  command.add_option("folder", options->folder, "Where to write.")->required();
  command.add_option("--config", options->config, "The configuration.")->capture_default_str();
  command.add_flag("--force", options->force, "Overwrite a recording that is there.");
  command.add_option("--for", options->duration, "How long.")->capture_default_str();
  line.Run(command, [&line, options] {
    const auto done = Record(*options, line.err);
    if (done) return int{kExitOk};
    return Fail(done.error(), line);
  });
}

}  // namespace aiops
