// LevelWorker: posts the open set to one level receiver, whenever it changes and again every resend
// interval.
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "notify/notifier.h"
#include "pipeline/receiver_health.h"
#include "pipeline/waker.h"

namespace aiops {

// Thread-safe. The thread runs from Start to the destructor.
class LevelWorker {
 public:
  LevelWorker(std::unique_ptr<Notifier> notifier, Clock& clock);

  void Start();
  void RequestStop() { thread_.request_stop(); }
  void Publish(std::vector<Anomaly> anomalies);
  ReceiverView view() const { return health_.view(); }

 private:
  void Run(std::stop_token stop);
  bool SendOnce(std::stop_token stop);
  std::vector<Anomaly> Anomalies() const;

  const std::unique_ptr<Notifier> notifier_;
  Clock& clock_;
  ReceiverHealth health_;
  mutable std::mutex mutex_;
  std::vector<Anomaly> anomalies_;
  Waker waker_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace aiops
