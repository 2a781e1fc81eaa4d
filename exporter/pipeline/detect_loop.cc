#include "pipeline/detect_loop.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "pipeline/run_report.h"
#include "text/human_number.h"

namespace aiops {
namespace {

Duration Since(std::chrono::steady_clock::time_point begun, const Clock& clock) {
  return std::chrono::duration_cast<Duration>(clock.Steady() - begun);
}

Duration WallMinusSteady(const Clock& clock) {
  return clock.Now().time_since_epoch() -
         std::chrono::duration_cast<Duration>(clock.Steady().time_since_epoch());
}

}  // namespace

DetectLoop::DetectLoop(const Config& config, Clock& clock, Engine& engine, Delivery& delivery,
                       CommandQueue& commands, ViewCell& cell, LoopOptions options)
    : config_(config),
      clock_(clock),
      engine_(engine),
      delivery_(delivery),
      commands_(commands),
      cell_(cell),
      options_(std::move(options)) {
  collect_job_.name = "collect";
  collect_job_.schedule = "every " + FormatDuration(config.collect.interval);
  detect_job_.name = "detect";
  detect_job_.schedule = "every " + FormatDuration(config.detect.interval);
  train_job_.name = "train";
  train_job_.schedule = config.detect.train_schedule.expression() + " " + config.timezone.name();
  retention_job_.name = "retention";
  retention_job_.schedule = "after every collection";
  started_at_ = options_.started_at == Time{} ? clock.Now() : options_.started_at;
  reload_at_ = clock.Now();
  wall_minus_steady_ = WallMinusSteady(clock);
  looked_at_ = clock.Now();
}

DetectLoop::~DetectLoop() { Stop(); }

void DetectLoop::Stop() {
  const bool running = thread_.joinable();
  thread_.request_stop();
  if (running) thread_.join();
  trainer_.request_stop();
  if (trainer_.joinable()) trainer_.join();
  if (running) engine_.SaveStates();
}

void DetectLoop::Start(std::vector<CollectorRunner*> runners) {
  runners_ = std::move(runners);
  next_training_ = config_.detect.train_schedule.Next(clock_.Now(), config_.timezone);
  RecallTraining();
  if (engine_.wants_training()) Train("the features changed");
  BeginRegular();
  Show();
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

void DetectLoop::OnAnswer(Answer answer) {
  {
    std::lock_guard lock(mutex_);
    brought_.push_back(std::move(answer));
  }
  waker_.Wake();
}

void DetectLoop::OnHistory() {
  {
    std::lock_guard lock(mutex_);
    history_read_ = true;
  }
  waker_.Wake();
}

void DetectLoop::Begin(Tick tick, bool manual) {
  gathering_ = {tick, manual, {}};
  for (auto* runner : runners_) runner->Assign(tick);
}

// The next regular tick. After a suspend or a step of the clock it covers one interval, no more:
// there is no catching up of ticks that nobody saw.
void DetectLoop::BeginRegular() {
  const Duration step = config_.collect.interval;
  const Time now = clock_.Now();
  Time end = FloorTo(now, step) + step;
  // A tick whose end passed while a run or a round was under way is not too late yet.
  const Time missed = FloorTo(gathering_.tick.end, step) + step;
  if (missed <= now && now < missed + config_.collect.deadline) end = missed;
  Time begin = gathering_.tick.end;
  if (begin < end - step || begin >= end) begin = end - step;
  Begin({begin, end, end + config_.collect.deadline}, false);
}

bool DetectLoop::Complete() const {
  const Time now = clock_.Now();
  if (now < gathering_.tick.end) return false;
  return gathering_.answers.size() == runners_.size() || now >= gathering_.tick.deadline;
}

// All deadlines here were reckoned at or before `looked_at_`: a clock that was set back since, also
// while the loop was working, ends the wait.
bool DetectLoop::WaitForEvent(const std::stop_token& stop) {
  const Time since = std::max(looked_at_, clock_.Now());
  const bool go_on = waker_.WaitFromUntil(clock_, since, NextEvent(since), stop);
  looked_at_ = clock_.Now();
  return go_on;
}

Time DetectLoop::NextEvent(Time now) const {
  Time next = now < gathering_.tick.end ? gathering_.tick.end : gathering_.tick.deadline;
  if (next_training_) next = std::min(next, *next_training_);
  return std::max(next, now);
}

void DetectLoop::Run(std::stop_token stop) {
  while (WaitForEvent(stop)) {
    NoticeClock();
    TakeAnswers();
    TakeTrained();
    TakeHistory();
    TakeCommands();
    // A clock that was set back far leaves a tick in the future: begin anew at the present.
    if (gathering_.tick.end > clock_.Now() + 2 * config_.collect.interval) {
      GiveUpRun("the clock was set back");
      BeginRegular();
    }
    if (Complete()) FinishTick();
    if (next_training_ && clock_.Now() >= *next_training_) {
      next_training_ = config_.detect.train_schedule.Next(clock_.Now(), config_.timezone);
      Train("schedule");
    }
    Show();
  }
}

// A clock that was set back takes along what was counted from it. One that was set forward, or a
// suspend, needs nothing: what lies in between was not there.
void DetectLoop::NoticeClock() {
  const Duration before = std::exchange(wall_minus_steady_, WallMinusSteady(clock_));
  const Duration back = before - wall_minus_steady_;
  if (back < kClockStep) return;
  LogWarn("the clock was set back", {{"by", FormatDuration(back)}});
  engine_.ClockSetBack(back);
  next_training_ = config_.detect.train_schedule.Next(clock_.Now(), config_.timezone);
}

void DetectLoop::TakeAnswers() {
  std::vector<Answer> brought;
  {
    std::lock_guard lock(mutex_);
    brought.swap(brought_);
  }
  for (auto& answer : brought) {
    if (answer.tick.end == gathering_.tick.end)
      gathering_.answers.push_back(std::move(answer));
    else
      runners_.at(answer.collector)->CountLate();
  }
}

void DetectLoop::FinishTick() {
  const Tick tick = gathering_.tick;
  const bool manual = gathering_.manual;
  const auto begun = clock_.Steady();
  const auto& answers = gathering_.answers;
  if (answers.size() < runners_.size()) MarkMissing();
  const auto answered = std::count_if(answers.begin(), answers.end(), [](const Answer& answer) {
    return answer.result.has_value();
  });
  engine_.OnTick(tick, std::move(gathering_.answers), manual);
  collect_job_.last_run = tick.end;
  collect_job_.last_success = tick.end;
  collect_job_.last_duration = Since(begun, clock_);
  collect_job_.last_result =
      std::to_string(answered) + " of " + std::to_string(runners_.size()) + " collectors answered";
  if (manual || RoundIsDue()) RunRound();
  retention_job_.last_run = clock_.Now();
  retention_job_.last_result = engine_.Housekeep(clock_.Now());
  if (!retention_job_.last_result.starts_with("failed"))
    retention_job_.last_success = retention_job_.last_run;
  if (swap_due_ && !manual) {
    swap_due_ = false;
    options_.swap();
  }
  BeginRegular();
}

// At its boundary, or as soon as a boundary was missed.
bool DetectLoop::RoundIsDue() const {
  const Time end = gathering_.tick.end;
  const Duration interval = config_.detect.interval;
  return FloorTo(end, interval) == end ||
         (detect_job_.last_run && end - *detect_job_.last_run >= interval);
}

void DetectLoop::MarkMissing() {
  for (size_t c = 0; c < runners_.size(); ++c) {
    const bool answered = std::any_of(gathering_.answers.begin(), gathering_.answers.end(),
                                      [c](const Answer& answer) { return answer.collector == c; });
    if (!answered) runners_[c]->MarkMissed();
  }
}

void DetectLoop::RunRound() {
  const Time now = clock_.Now();
  const auto begun = clock_.Steady();
  const RoundReport report = engine_.Round(now);
  round_duration_ = Since(begun, clock_);
  detect_job_.last_run = now;
  detect_job_.last_success = now;
  detect_job_.last_duration = round_duration_;
  detect_job_.last_result = CountText(report.judged.size(), "sample") +
                            " judged, worst: " + std::string(ToString(report.worst));
  if (run_waiting_ && gathering_.manual) {
    Finish(*std::exchange(run_waiting_, std::nullopt),
           {200, RunJson(report), "done: " + std::string(ToString(report.worst))}, {});
  }
}

std::vector<JobView> DetectLoop::Jobs() const {
  std::vector<JobView> jobs{collect_job_, detect_job_, train_job_, retention_job_};
  jobs[0].next_run = gathering_.tick.end;
  const Duration round = config_.detect.interval;
  jobs[1].next_run = FloorTo(gathering_.tick.end - Duration(1), round) + round;
  jobs[2].next_run = next_training_;
  jobs[3].next_run = gathering_.tick.end;
  return jobs;
}

// What was found at the start, and how each collector fares now.
std::vector<SourceCheck> DetectLoop::Checklist() const {
  std::vector<SourceCheck> list;
  for (const auto* runner : runners_) {
    const CollectorView c = runner->view();
    const SourceState state = c.up    ? SourceState::kWorks
                              : c.ran ? SourceState::kFails
                                      : SourceState::kWaits;
    SourceCheck check{c.name, state, c.up ? "answers" : c.ran ? c.error : "not asked yet"};
    for (const auto& note : c.notes) check.detail += "; " + note;
    list.push_back(std::move(check));
  }
  list.insert(list.end(), options_.checklist.begin(), options_.checklist.end());
  if (options_.history)
    if (auto check = options_.history()) list.push_back(*std::move(check));
  return list;
}

void DetectLoop::Show() {
  auto view = std::make_shared<View>();
  view->built_at = clock_.Now();
  view->started_at = started_at_;
  view->version = options_.version;
  view->tryout = options_.tryout;
  engine_.Fill(*view);
  if (!view->last_round) view->last_round = options_.last_round;
  for (const auto* runner : runners_) view->collectors.push_back(runner->view());
  view->jobs = Jobs();
  view->receivers = delivery_.views();
  view->checklist = Checklist();
  view->last_round_duration = round_duration_;
  view->reload_ok = reload_ok_;
  view->reload_at = reload_at_;
  view->reload_error = reload_error_;
  view->config = options_.origins;
  cell_.Set(std::move(view));
}

}  // namespace aiops
