// ReceiverHealth: how one receiver fares, as it is shown.
#pragma once

#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "notify/notifier.h"
#include "pipeline/view.h"

namespace aiops {

// Thread-safe. Logs when a receiver begins to fail, in another way too, and when it works again.
class ReceiverHealth {
 public:
  ReceiverHealth(const Notifier& notifier, Clock& clock);

  void NoteSuccess();
  void NoteFailure(const Error& error);
  // With nothing left to tell, a failure of the past is no trouble of the present.
  void NoteIdle();
  void Plan(std::optional<Time> next);
  void NoteOutbox(OutboxCounts rows);
  ReceiverView view() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  ReceiverView view_;
};

}  // namespace aiops
