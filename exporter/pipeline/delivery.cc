#include "pipeline/delivery.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr Duration kFirstRetry = seconds(2);
constexpr size_t kMaxErrorBytes = 300;

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

struct Delivery::Worker {
  Worker(std::unique_ptr<Notifier> n, Clock& c) : notifier(std::move(n)), clock(c) {
    view.name = notifier->name();
    view.kind = notifier->kind() == ReceiverKind::kLevel ? "level" : "edge";
  }

  void Run(std::stop_token stop) {
    Duration retry = kFirstRetry;
    while (!stop.stop_requested()) {
      const Duration resend = notifier->resend_interval();
      const bool good = SendOnce(stop);
      const Time now = clock.Now();
      const Time next = now + (good ? resend : retry);
      PlanNext(next);
      if (!waker.WaitFromUntil(clock, now, next, stop)) return;
      retry = good ? kFirstRetry : std::min(retry * 2, resend);
    }
  }

  void PlanNext(Time next) {
    std::lock_guard lock(mutex);
    view.next_send = anomalies.empty() ? std::nullopt : std::optional(next);
  }

  bool SendOnce(std::stop_token stop) {
    Notification notification;
    {
      std::lock_guard lock(mutex);
      notification.anomalies = anomalies;
      // With nothing left to tell, a failure of the past is no trouble of the present.
      if (anomalies.empty() && view.up == false) {
        view.up.reset();
        view.last_error.clear();
      }
    }
    notification.created_at = clock.Now();
    if (notification.anomalies.empty()) return true;
    const auto sent = notifier->Send(notification, stop);
    if (stop.stop_requested()) return false;
    std::lock_guard lock(mutex);
    if (sent)
      NoteSuccess();
    else
      NoteFailure(sent.error());
    return sent.has_value();
  }

  void NoteSuccess() {
    if (view.up == false) LogInfo("receiver works again", {{"receiver", view.name}});
    view.up = true;
    view.last_success = clock.Now();
    view.last_error.clear();
    ++view.sent;
  }

  void NoteFailure(const Error& error) {
    const std::string text = Sanitize(error.message, kMaxErrorBytes);
    if (text != view.last_error)
      LogWarn("delivery failed; it is tried again", {{"receiver", view.name}, {"err", text}});
    view.up = false;
    view.last_error = text;
    ++view.failures[std::string(ToString(error.kind))];
  }

  const std::unique_ptr<Notifier> notifier;
  Clock& clock;
  mutable std::mutex mutex;
  std::vector<Anomaly> anomalies;
  ReceiverView view;
  Waker waker;
  std::jthread thread;  // last: stops before the rest goes
};

Delivery::Delivery(std::vector<std::unique_ptr<Notifier>> receivers, Clock& clock) : clock_(clock) {
  for (auto& receiver : receivers)
    workers_.push_back(std::make_unique<Worker>(std::move(receiver), clock_));
}

Delivery::~Delivery() {
  for (auto& worker : workers_) worker->thread.request_stop();
}

void Delivery::Start() {
  for (auto& worker : workers_)
    worker->thread = std::jthread([w = worker.get()](std::stop_token stop) { w->Run(stop); });
}

void Delivery::Publish(std::vector<Anomaly> anomalies) {
  for (auto& worker : workers_) {
    bool urgent = false;
    {
      std::lock_guard lock(worker->mutex);
      urgent = Shape(worker->anomalies) != Shape(anomalies);
      worker->anomalies = anomalies;
    }
    if (urgent) worker->waker.Wake();
  }
}

std::vector<ReceiverView> Delivery::views() const {
  std::vector<ReceiverView> out;
  for (const auto& worker : workers_) {
    std::lock_guard lock(worker->mutex);
    out.push_back(worker->view);
  }
  return out;
}

}  // namespace aiops
