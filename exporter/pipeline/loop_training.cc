// When models are trained, and on which thread.
#include <malloc.h>

#include "base/log.h"
#include "pipeline/detect_loop.h"
#include "text/human_number.h"

namespace aiops {
namespace {

std::string TrainedText(size_t rows) { return "trained on " + CountText(rows, "sample"); }

// A training needs megabytes that nothing else will use for a week.
void GiveBackMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace

// What an earlier start trained is not forgotten.
void DetectLoop::RecallTraining() {
  const auto newest = engine_.NewestModel();
  if (!newest) return;
  train_job_.last_run = train_job_.last_success = newest->trained_at;
  train_job_.last_result = TrainedText(newest->rows);
}

void DetectLoop::TakeHistory() {
  bool read = false;
  {
    std::lock_guard lock(mutex_);
    read = std::exchange(history_read_, false);
  }
  if (read) {
    engine_.LearnHistory(clock_.Now());
    train_due_ = "history was read";
  }
  if (train_due_ != nullptr && !training_) Train(std::exchange(train_due_, nullptr));
}

TrainingRun DetectLoop::NewTraining(const char* why) {
  return {engine_, clock_, clock_.Now(), config_.detect.forest.seed, why};
}

void DetectLoop::Train(const char* why) {
  if (training_) return;
  TrainingRun run = NewTraining(why);
  if (!run.empty()) return StartTraining(std::move(run), why);
  train_job_.last_run = clock_.Now();
  train_job_.last_result = "too few samples: " + std::to_string(run.best()) + " of " +
                           std::to_string(config_.detect.forest.min_samples) + kNotCounted;
}

void DetectLoop::StartTraining(TrainingRun run, const char* why) {
  train_job_.last_run = clock_.Now();
  train_job_.last_result = "training";
  LogInfo("training", {{"why", why}});
  tally_ = {};
  training_.emplace(std::move(run));
  TrainOn();
}

// The next few entities, on the trainer's thread.
void DetectLoop::TrainOn() {
  if (!training_->Read()) {
    training_.reset();
    GiveBackMemory();
    return;
  }
  {
    std::lock_guard lock(mutex_);
    working_ = true;
  }
  trainer_ = std::jthread([this](const std::stop_token& stop) {
    training_->Work(stop);
    {
      std::lock_guard lock(mutex_);
      working_ = false;
    }
    waker_.Wake();
  });
}

void DetectLoop::TakeTrained() {
  {
    std::lock_guard lock(mutex_);
    if (!training_ || working_) return;
  }
  const auto view = cell_.Get();  // of before
  training_->Adopt(clock_.Now(), [&](const Trained& model) {
    train_job_.last_duration = model.duration;
    const EntityView* entity = FindEntity(*view, model.record.key);
    tally_.Add(model, entity ? entity->in_use.get() : nullptr);
    train_job_.last_result = tally_.Text();
    if (model.detector) train_job_.last_success = clock_.Now();
  });
  TrainOn();
}

}  // namespace aiops
