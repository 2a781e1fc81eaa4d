// EdgeWorker: sends what the outbox holds for one edge receiver, one message at a time, urgent ones
// first.
#pragma once

#include <memory>
#include <string>

#include "notify/notifier.h"
#include "pipeline/backoff.h"
#include "pipeline/outbox.h"
#include "pipeline/patient_thread.h"
#include "pipeline/receiver_health.h"
#include "pipeline/waker.h"

namespace aiops {

// The thread runs from Start. After RequestStop it still sends what is due, until that fails or
// `HurryUp` ends what is on its way. References outlive it. Thread-safe.
class EdgeWorker {
 public:
  EdgeWorker(std::unique_ptr<Notifier> notifier, Outbox& outbox, const Store& store, Clock& clock);

  void Start();
  // Something may be due now.
  void Wake() { waker_.Wake(); }
  void RequestStop() { thread_.RequestStop(); }
  bool AwaitStop(std::chrono::steady_clock::duration patience) {
    return thread_.AwaitStop(patience);
  }
  void HurryUp() { hurry_.request_stop(); }
  const Notifier& notifier() const { return *notifier_; }
  ReceiverView view() const { return health_.view(); }

 private:
  void Run(std::stop_token stop);
  // Sends at most one message. When to look again: now or earlier means at once.
  Time Step();
  Time Deliver(OutboxBatch batch);
  Result<std::vector<Anomaly>> Read(const std::set<std::int64_t>& ids) const;
  // After an error: what becomes of the message, and from when on the receiver is asked again.
  Time GiveBack(const OutboxBatch& batch, const Error& error, bool sent);
  Time Settle(const OutboxBatch& batch, Outcome outcome, const Receipt& receipt,
              const std::string& error, Time until);

  const std::unique_ptr<Notifier> notifier_;
  const std::string name_;
  Outbox& outbox_;
  const Store& store_;
  Clock& clock_;
  ReceiverHealth health_;
  Backoff backoff_;
  Time paused_until_;                        // the receiver wants no message before it
  std::function<Result<void>()> unsettled_;  // an outcome that the database has not taken yet
  std::stop_source hurry_;
  Waker waker_;
  PatientThread thread_;  // last: stops before the rest goes
};

}  // namespace aiops
