// Delivery: one thread per receiver, so that a dead one delays nobody.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "notify/notifier.h"
#include "pipeline/conversations.h"
#include "pipeline/outbox.h"
#include "pipeline/view.h"

namespace aiops {

class EdgeWorker;
class LevelWorker;

// Level receivers are posted the open set; edge receivers are sent what the outbox holds for them.
// References outlive it. Thread-safe.
class Delivery {
 public:
  // `next_flush`: from a moment on, when people are told what is not urgent. Null: at once.
  using NextFlush = std::function<Time(Time)>;
  Delivery(std::vector<std::unique_ptr<Notifier>> receivers, Store& store, Clock& clock,
           NextFlush next_flush = nullptr);
  // Sends what is due for at most a few seconds more.
  ~Delivery();

  void Start();
  // The rows of the outbox that a change of an anomaly causes: to be stored with it. Only for the
  // detect thread.
  std::vector<OutboxRow> Messages(const Anomaly& anomaly, const std::vector<Occasion>& occasions);
  // After a commit: the open set for level receivers, and there may be news in the outbox.
  void Publish(const std::vector<Anomaly>& anomalies);
  Outbox& outbox() { return outbox_; }
  void WakeEdges();
  std::vector<ReceiverView> views() const;

 private:
  Result<void> RestoreConversations();

  const Store& store_;
  Clock& clock_;
  const NextFlush next_flush_;
  Outbox outbox_;
  Conversations conversations_;
  std::vector<std::unique_ptr<LevelWorker>> levels_;
  std::vector<std::unique_ptr<EdgeWorker>> edges_;
};

}  // namespace aiops
