#include "pipeline/collector_runner.h"

#include "base/log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxErrorBytes = 300;
constexpr Duration kIdle = hours(1);  // without an assignment

}  // namespace

CollectorRunner::CollectorRunner(size_t index, const CollectorDescriptor& descriptor,
                                 std::unique_ptr<Collector> collector, Clock& clock,
                                 Deliver deliver)
    : index_(index), clock_(clock), deliver_(std::move(deliver)), collector_(std::move(collector)) {
  view_.name = descriptor.name;
  view_.help = descriptor.help;
}

void CollectorRunner::Start(std::string checkpoint) {
  thread_.Start([this, checkpoint = std::move(checkpoint)](std::stop_token stop) {
    Run(std::move(stop), checkpoint);
  });
}

void CollectorRunner::Assign(const Tick& tick) {
  {
    std::lock_guard lock(mutex_);
    assigned_ = tick;
    view_.next_run = tick.end;
  }
  waker_.Wake();
}

void CollectorRunner::CountLate() {
  std::lock_guard lock(mutex_);
  ++view_.late;
}

void CollectorRunner::MarkMissed() {
  std::lock_guard lock(mutex_);
  Fail("no answer before the deadline", std::string(ToString(ErrorKind::kTimeout)));
}

CollectorView CollectorRunner::view() const {
  std::lock_guard lock(mutex_);
  return view_;
}

std::optional<Tick> CollectorRunner::NextTick(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::optional<Tick> tick;
    {
      std::lock_guard lock(mutex_);
      tick = assigned_;
      if (tick && clock_.Now() >= tick->end) {
        assigned_.reset();
        return tick;
      }
    }
    const std::stop_token early = waker_.Begin();
    const std::stop_callback forward(stop, [this] { waker_.Wake(); });
    const Time until = tick ? tick->end : clock_.Now() + kIdle;
    collector_->Advance(until, early);
    clock_.WaitUntil(until, early);
    waker_.End();
  }
  return std::nullopt;
}

void CollectorRunner::Run(std::stop_token stop, const std::string& checkpoint) {
  if (!checkpoint.empty()) {
    if (const auto restored = collector_->Restore(checkpoint); !restored)
      LogWarn("a collector's checkpoint cannot be read; it begins afresh",
              {{"collector", view_.name}, {"err", restored.error().message}});
  }
  while (const auto tick = NextTick(stop)) Work(*tick, stop);
}

void CollectorRunner::Work(const Tick& tick, std::stop_token stop) {
  const auto begun = clock_.Steady();
  Answer answer{index_, tick, collector_->Collect(tick, stop), {}};
  answer.duration = std::chrono::duration_cast<Duration>(clock_.Steady() - begun);
  if (stop.stop_requested()) return;
  if (clock_.Now() < tick.deadline) Record(answer);
  thread_.IfAwaited([&] { deliver_(std::move(answer)); });
}

void CollectorRunner::Record(const Answer& answer) {
  std::lock_guard lock(mutex_);
  view_.last_duration = answer.duration;
  if (!answer.result) {
    Fail(Sanitize(answer.result.error().message, kMaxErrorBytes),
         std::string(ToString(answer.result.error().kind)));
    return;
  }
  const bool was_up = view_.up;
  const bool first = !view_.ran;
  view_.ran = true;
  view_.up = true;
  view_.last_success = answer.tick.end;
  view_.error.clear();
  view_.error_kind.clear();
  view_.notes = answer.result->notes;
  view_.counters = answer.result->counters;
  if (!was_up)
    LogInfo(first ? "collector works" : "collector works again", {{"collector", view_.name}});
}

void CollectorRunner::Fail(const std::string& text, const std::string& kind) {
  if (view_.up || !view_.ran || view_.error != text)
    LogWarn("collector failed", {{"collector", view_.name}, {"err", text}});
  view_.ran = true;
  view_.up = false;
  view_.error = text;
  view_.error_kind = kind;
  ++view_.failures[kind];
}

}  // namespace aiops
