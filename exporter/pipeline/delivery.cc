#include "pipeline/delivery.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "pipeline/edge_worker.h"
#include "pipeline/level_worker.h"

namespace aiops {
namespace {

constexpr auto kDrain = std::chrono::seconds(5);  // at a stop, for all receivers together

}  // namespace

Delivery::Delivery(std::vector<std::unique_ptr<Notifier>> receivers, Store& store, Clock& clock,
                   NextFlush next_flush)
    : store_(store), clock_(clock), next_flush_(std::move(next_flush)), outbox_(store, clock) {
  for (auto& receiver : receivers) {
    if (receiver->kind() == ReceiverKind::kLevel)
      levels_.push_back(std::make_unique<LevelWorker>(std::move(receiver), clock));
    else
      edges_.push_back(std::make_unique<EdgeWorker>(std::move(receiver), outbox_, store, clock));
  }
}

Delivery::~Delivery() {
  for (auto& worker : levels_) worker->RequestStop();
  for (auto& worker : edges_) worker->RequestStop();
  const auto until = clock_.Steady() + kDrain;
  for (auto& worker : edges_)
    if (!worker->AwaitStop(until - clock_.Steady())) worker->HurryUp();
}

void Delivery::Start() {
  std::set<std::string> names;
  for (const auto& worker : edges_) names.insert(worker->notifier().name());
  if (const auto recovered = outbox_.Recover(names); !recovered)
    LogWarn("what was on its way when the daemon ended is not known",
            {{"err", recovered.error().message}});
  if (const auto restored = RestoreConversations(); !restored)
    LogWarn("what is open is told anew", {{"err", restored.error().message}});
  for (auto& worker : levels_) worker->Start();
  for (auto& worker : edges_) worker->Start();
}

Result<void> Delivery::RestoreConversations() {
  if (edges_.empty()) return {};
  AIOPS_TRY(const auto open, store_.ReadAnomalies({.state = AnomalyState::kOpen, .limit = 0}));
  for (const Anomaly& anomaly : open) {
    AIOPS_TRY(const auto rows, store_.ReadOutbox({.anomaly_id = anomaly.id}));
    std::int64_t conversation = anomaly.id;  // of machines it is; people were told the earliest
    for (const OutboxRow& row : rows) conversation = std::min(conversation, row.conversation);
    conversations_.Restore(anomaly, conversation);
  }
  return {};
}

std::vector<OutboxRow> Delivery::Messages(const Anomaly& anomaly,
                                          const std::vector<Occasion>& occasions) {
  std::vector<OutboxRow> rows;
  if (edges_.empty()) return rows;
  const std::int64_t conversation = conversations_.Of(anomaly);
  for (const Occasion occasion : occasions) {
    for (const auto& worker : edges_) {
      const Notifier& notifier = worker->notifier();
      if (!notifier.Wants(occasion, anomaly)) continue;
      OutboxRow row;
      row.receiver = notifier.name();
      row.conversation = notifier.people() ? conversation : anomaly.id;
      row.anomaly_id = anomaly.id;
      row.occasion = occasion;
      row.urgent = anomaly.severity == Severity::kCritical;
      row.created_at = clock_.Now();
      row.next_attempt_at = row.created_at;
      if (notifier.people() && !row.urgent && next_flush_)
        row.next_attempt_at = next_flush_(row.created_at);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void Delivery::Publish(const std::vector<Anomaly>& anomalies) {
  for (auto& worker : levels_) worker->Publish(anomalies);
  WakeEdges();
}

void Delivery::WakeEdges() {
  for (auto& worker : edges_) worker->Wake();
}

std::vector<ReceiverView> Delivery::views() const {
  std::vector<ReceiverView> out;
  for (const auto& worker : levels_) out.push_back(worker->view());
  for (const auto& worker : edges_) out.push_back(worker->view());
  return out;
}

}  // namespace aiops
