#include "pipeline/edge_worker.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"

namespace aiops {
namespace {

constexpr Duration kDatabaseRetry = seconds(2);
constexpr Duration kIdle = minutes(10);  // somebody wakes it before

Outcome OutcomeOf(const Error& error) {
  if (error.perhaps_done && (Retryable(error.kind) || error.kind == ErrorKind::kCancelled ||
                             error.kind == ErrorKind::kCorruption))
    return Outcome::kUnanswered;
  const bool later = Retryable(error.kind) || error.kind == ErrorKind::kCancelled;
  return later ? Outcome::kLater : Outcome::kRefused;
}

Notification NotificationOf(const OutboxBatch& batch, std::vector<Anomaly> anomalies) {
  Notification out;
  const bool open = std::any_of(anomalies.begin(), anomalies.end(),
                                [](const Anomaly& a) { return a.state == AnomalyState::kOpen; });
  out.idempotency_key = std::to_string(batch.rows.front().id);
  out.anomalies = std::move(anomalies);
  out.created_at = batch.rows.front().created_at;
  out.occasion = batch.occasion == Occasion::kClosed && open ? Occasion::kChanged : batch.occasion;
  out.about = batch.about;
  out.digest = batch.digest;
  return out;
}

}  // namespace

EdgeWorker::EdgeWorker(std::unique_ptr<Notifier> notifier, Outbox& outbox, const Store& store,
                       Clock& clock)
    : notifier_(std::move(notifier)),
      name_(notifier_->name()),
      outbox_(outbox),
      store_(store),
      clock_(clock),
      health_(*notifier_, clock),
      backoff_(std::hash<std::string>{}(name_)) {}

void EdgeWorker::Start() {
  paused_until_ = outbox_.PausedUntil(name_);
  thread_.Start([this](std::stop_token stop) { Run(std::move(stop)); });
}

void EdgeWorker::Run(std::stop_token stop) {
  while (true) {
    const Time now = clock_.Now();
    const Time next = Step();
    if (next <= now && !hurry_.stop_requested()) continue;
    if (stop.stop_requested()) return;
    (void)waker_.WaitFromUntil(clock_, now, next, stop);
  }
}

Time EdgeWorker::Step() {
  const Time now = clock_.Now();
  const Time later = now + kDatabaseRetry;
  if (unsettled_ && !unsettled_()) return later;
  unsettled_ = nullptr;
  auto queue = outbox_.Queue(name_);
  if (!queue) return later;
  const Time next = std::max(paused_until_, queue->next.value_or(now + kIdle));
  health_.Plan(queue->next ? std::optional(next) : std::nullopt);
  health_.NoteOutbox(std::move(queue->rows));
  if (next > now) return next;
  auto batch = outbox_.Next(name_, notifier_->people());
  if (!batch) return later;
  return *batch ? Deliver(**std::move(batch)) : now;
}

// What is stored of the conversation; those that are stored no more are left out.
Result<std::vector<Anomaly>> EdgeWorker::Read(const std::set<std::int64_t>& ids) const {
  std::vector<Anomaly> out;
  for (const std::int64_t id : ids) {
    auto anomaly = store_.ReadAnomaly(id);
    if (!anomaly && Retryable(anomaly.error().kind)) return std::move(anomaly).error();
    if (anomaly && *anomaly) out.push_back(**std::move(anomaly));
  }
  return out;
}

Time EdgeWorker::Deliver(OutboxBatch batch) {
  const Time now = clock_.Now();
  auto anomalies = Read(batch.anomalies);
  if (!anomalies) return now + kDatabaseRetry;
  if (anomalies->empty())
    return Settle(batch, Outcome::kRefused, {}, "the anomaly is stored no more", now);
  if (batch.unanswered)
    if (const auto there = notifier_->Probe(hurry_.get_token()); !there)
      return GiveBack(batch, there.error(), false);
  const auto claimed = outbox_.Claim(batch);
  if (!claimed) return now + kDatabaseRetry;
  if (!*claimed) return now;
  const auto sent =
      notifier_->Send(NotificationOf(batch, *std::move(anomalies)), hurry_.get_token());
  if (!sent) return GiveBack(batch, sent.error(), true);
  backoff_.Reset();
  health_.NoteSuccess();
  paused_until_ = now + notifier_->pace();
  return Settle(batch, Outcome::kSent, *sent, "", now);
}

Time EdgeWorker::GiveBack(const OutboxBatch& batch, const Error& error, bool sent) {
  health_.NoteFailure(error);
  const Time now = clock_.Now();
  Outcome outcome = OutcomeOf(error);
  if (!sent) outcome = Outcome::kLater;  // it was only asked whether it is there
  if (outcome == Outcome::kRefused) return Settle(batch, outcome, {}, error.message, now);
  paused_until_ = now + (error.retry_after ? Duration(*error.retry_after) : backoff_.Next());
  if (error.retry_after) outbox_.Pause(name_, paused_until_);
  return Settle(batch, outcome, {}, error.message, paused_until_);
}

// What was sent must not be sent again because the database did not take the news: until it does,
// nothing else is sent.
Time EdgeWorker::Settle(const OutboxBatch& batch, Outcome outcome, const Receipt& receipt,
                        const std::string& error, Time until) {
  unsettled_ = [this, batch, outcome, receipt, error, until] {
    return outbox_.Settle(batch, outcome, receipt, error, until);
  };
  const auto settled = unsettled_();
  if (!settled) {
    LogWarn("the outcome of a message is not stored yet; nothing is sent until it is",
            {{"receiver", name_}, {"err", settled.error().message}});
    return clock_.Now() + kDatabaseRetry;
  }
  unsettled_ = nullptr;
  return until;
}

}  // namespace aiops
