// DetectLoop: the detect thread. It alone owns the engine, and everything that changes comes to it:
// answers of collectors, the clock, commands, fitted models.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/config.h"
#include "pipeline/collector_runner.h"
#include "pipeline/command_queue.h"
#include "pipeline/delivery.h"
#include "pipeline/engine.h"
#include "pipeline/training_run.h"
#include "pipeline/training_tally.h"
#include "pipeline/view.h"
#include "pipeline/waker.h"

namespace aiops {

struct LoopOptions {
  std::string version;
  Time started_at;                 // of the process: a reload does not change it
  std::optional<Time> last_round;  // likewise, before this loop's own
  bool tryout = false;
  std::vector<SourceCheck> checklist;
  std::vector<Origin> origins;
  // Reads the configuration again; an error says why it stays. Null: reload is refused.
  std::function<Result<void>()> reload;
  // What the checklist says of the history that a first start reads. Null: nothing reads any.
  std::function<std::optional<SourceCheck>()> history;
  // Called at the end of the tick after a good reload, when everything that was gathered is stored.
  std::function<void()> swap;
};

// References outlive it. The thread runs from Start to the destructor.
class DetectLoop {
 public:
  DetectLoop(const Config& config, Clock& clock, Engine& engine, Delivery& delivery,
             CommandQueue& commands, ViewCell& cell, LoopOptions options);
  ~DetectLoop();

  // `runners` are started by the caller; they deliver to OnAnswer.
  void Start(std::vector<CollectorRunner*> runners);
  void OnAnswer(Answer answer);
  // Samples of the past were stored: learns and trains with them. From any thread.
  void OnHistory();
  // Ends the thread; answers that come later go nowhere.
  void Stop();
  // Call after pushing a command.
  void Wake() { waker_.Wake(); }

 private:
  struct Gathering {
    Tick tick;
    bool manual = false;
    std::vector<Answer> answers;
  };

  void Run(std::stop_token stop);
  bool WaitForEvent(const std::stop_token& stop);
  Time NextEvent(Time now) const;
  void Begin(Tick tick, bool manual);
  void BeginRegular();
  void TakeAnswers();
  bool Complete() const;
  void FinishTick();
  bool RoundIsDue() const;
  void MarkMissing();
  void NoticeClock();
  void RunRound();
  void Train(const char* why);
  void StartTraining(TrainingRun run, const char* why);
  void TrainOn();
  TrainingRun NewTraining(const char* why);
  void TakeTrained();
  void RecallTraining();
  void TakeHistory();
  void TakeCommands();
  void Execute(PendingCommand pending);
  void Finish(PendingCommand pending, CommandResult result, Changes changes);
  CommandResult StartRun(PendingCommand& pending);
  void GiveUpRun(const char* why);
  CommandResult TrainNow();
  CommandResult MarkAnomaly(const MarkCommand& command, const std::string& by, Changes& changes);
  CommandResult AddSilence(const SilenceCommand& command, const std::string& by, Changes& changes);
  CommandResult EndSilence(const EndSilenceCommand& command, Changes& changes);
  CommandResult RollBack(const RollBackCommand& command, Changes& changes);
  CommandResult DecideMessage(const OutboxCommand& command);
  CommandResult Acknowledge(const AcknowledgeCommand& command, const std::string& by,
                            Changes& changes);
  CommandResult Reload();
  void Show();
  std::vector<JobView> Jobs() const;
  std::vector<SourceCheck> Checklist() const;

  const Config& config_;
  Clock& clock_;
  Engine& engine_;
  Delivery& delivery_;
  CommandQueue& commands_;
  ViewCell& cell_;
  const LoopOptions options_;

  std::vector<CollectorRunner*> runners_;
  Gathering gathering_;
  std::optional<PendingCommand> run_waiting_;
  std::optional<Time> last_manual_;
  std::optional<Time> next_training_;
  JobView collect_job_, detect_job_, train_job_, retention_job_;
  Duration round_duration_{};
  Time started_at_;
  Duration wall_minus_steady_{};  // changes when the wall clock is set
  Time looked_at_;                // the clock, when the loop last looked at what is due
  bool swap_due_ = false;
  const char* train_due_ = nullptr;  // why, as soon as no training is under way
  bool reload_ok_ = true;
  Time reload_at_;
  std::string reload_error_;

  std::mutex mutex_;  // guards what other threads bring
  std::vector<Answer> brought_;
  bool working_ = false;  // the trainer has `training_`
  bool history_read_ = false;

  Waker waker_;
  TrainingTally tally_;                  // of `training_`
  std::optional<TrainingRun> training_;  // under way; the trainer's while `working_`
  std::jthread trainer_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace aiops
