#include "pipeline/level_worker.h"

#include <algorithm>
#include <tuple>

namespace aiops {
namespace {

constexpr Duration kFirstRetry = seconds(2);

// What makes a post urgent: an anomaly that came, went, changed its severity or was acknowledged.
std::vector<std::tuple<std::int64_t, Severity, AnomalyState, bool>> Shape(
    const std::vector<Anomaly>& anomalies) {
  std::vector<std::tuple<std::int64_t, Severity, AnomalyState, bool>> out;
  for (const Anomaly& a : anomalies)
    out.emplace_back(a.id, a.severity, a.state, a.acknowledged_at.has_value());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

LevelWorker::LevelWorker(std::unique_ptr<Notifier> notifier, Clock& clock)
    : notifier_(std::move(notifier)), clock_(clock), health_(*notifier_, clock) {}

void LevelWorker::Start() {
  thread_ = std::jthread([this](std::stop_token stop) { Run(std::move(stop)); });
}

void LevelWorker::Publish(std::vector<Anomaly> anomalies) {
  bool urgent = false;
  {
    std::lock_guard lock(mutex_);
    urgent = Shape(anomalies_) != Shape(anomalies);
    anomalies_ = std::move(anomalies);
  }
  if (urgent) waker_.Wake();
}

std::vector<Anomaly> LevelWorker::Anomalies() const {
  std::lock_guard lock(mutex_);
  return anomalies_;
}

void LevelWorker::Run(std::stop_token stop) {
  Duration retry = kFirstRetry;
  while (!stop.stop_requested()) {
    const Duration resend = notifier_->resend_interval();
    const bool good = SendOnce(stop);
    const Time now = clock_.Now();
    const Time next = now + (good ? resend : retry);
    health_.Plan(Anomalies().empty() ? std::nullopt : std::optional(next));
    if (!waker_.WaitFromUntil(clock_, now, next, stop)) return;
    retry = good ? kFirstRetry : std::min(retry * 2, resend);
  }
}

bool LevelWorker::SendOnce(std::stop_token stop) {
  Notification notification;
  notification.anomalies = Anomalies();
  notification.created_at = clock_.Now();
  if (notification.anomalies.empty()) {
    health_.NoteIdle();
    return true;
  }
  const auto sent = notifier_->Send(notification, stop);
  if (stop.stop_requested()) return false;
  if (sent)
    health_.NoteSuccess();
  else
    health_.NoteFailure(sent.error());
  return sent.has_value();
}

}  // namespace aiops
