// Delivery: one thread per level receiver, so that a dead one delays nobody.
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "notify/notifier.h"
#include "pipeline/view.h"
#include "pipeline/waker.h"

namespace aiops {

// Holds the set of open and recently ended anomalies, and posts it to every receiver whenever it
// changes and again every resend interval. Thread-safe.
class Delivery {
 public:
  Delivery(std::vector<std::unique_ptr<Notifier>> receivers, Clock& clock);
  ~Delivery();

  void Start();
  void Publish(std::vector<Anomaly> anomalies);
  std::vector<ReceiverView> views() const;

 private:
  struct Worker;
  Clock& clock_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace aiops
