#include "pipeline/receiver_health.h"

#include "base/log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxErrorBytes = 300;

}  // namespace

ReceiverHealth::ReceiverHealth(const Notifier& notifier, Clock& clock) : clock_(clock) {
  view_.name = notifier.name();
  view_.kind = notifier.kind() == ReceiverKind::kLevel ? "level" : "edge";
}

void ReceiverHealth::NoteSuccess() {
  std::lock_guard lock(mutex_);
  if (view_.up == false) LogInfo("receiver works again", {{"receiver", view_.name}});
  view_.up = true;
  view_.last_success = clock_.Now();
  view_.last_error.clear();
  ++view_.sent;
}

void ReceiverHealth::NoteFailure(const Error& error) {
  std::lock_guard lock(mutex_);
  const std::string text = Sanitize(error.message, kMaxErrorBytes);
  if (text != view_.last_error)
    LogWarn(
        "delivery failed",
        {{"receiver", view_.name}, {"err", text}, {"again", Retryable(error.kind) ? "yes" : "no"}});
  view_.up = false;
  view_.last_error = text;
  ++view_.failures[std::string(ToString(error.kind))];
}

void ReceiverHealth::NoteIdle() {
  std::lock_guard lock(mutex_);
  if (view_.up != false) return;
  view_.up.reset();
  view_.last_error.clear();
}

void ReceiverHealth::Plan(std::optional<Time> next) {
  std::lock_guard lock(mutex_);
  view_.next_send = next;
}

void ReceiverHealth::NoteOutbox(OutboxCounts rows) {
  std::lock_guard lock(mutex_);
  view_.outbox = std::move(rows);
}

ReceiverView ReceiverHealth::view() const {
  std::lock_guard lock(mutex_);
  return view_;
}

}  // namespace aiops
