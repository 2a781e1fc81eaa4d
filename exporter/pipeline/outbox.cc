#include "pipeline/outbox.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace aiops {
namespace {

constexpr int kMostUnanswered = 2;
const std::string kPausePrefix = "pause/";

constexpr size_t kMostInDigest = 1000;
constexpr size_t kMostByThemselves = 3;  // urgent ones, that are told one by one

// What the rows of a conversation are about. An escalation must not hide behind the acknowledgement
// that followed it.
Occasion OccasionOf(const std::vector<OutboxRow>& rows, const std::vector<OutboxRow>& sent) {
  const auto urgent = [](const OutboxRow& row) { return row.urgent; };
  const auto closes = [](const OutboxRow& row) { return row.occasion == Occasion::kClosed; };
  if (sent.empty()) return Occasion::kOpened;
  if (std::any_of(rows.begin(), rows.end(), closes)) return Occasion::kClosed;
  if (std::any_of(rows.begin(), rows.end(), urgent) &&
      std::none_of(sent.begin(), sent.end(), urgent))
    return Occasion::kEscalated;
  const Occasion last = rows.back().occasion;
  return last == Occasion::kOpened ? Occasion::kChanged : last;
}

}  // namespace

Result<void> Outbox::Recover(const std::set<std::string>& receivers) {
  std::lock_guard lock(mutex_);
  Changes changes;
  for (const OutboxState state : {OutboxState::kSending, OutboxState::kPending}) {
    AIOPS_TRY(auto rows, store_.ReadOutbox({.state = state, .limit = 0}));
    for (OutboxRow& row : rows) {
      if (!receivers.contains(row.receiver)) {
        row.state = OutboxState::kExpired;
        row.settled_at = clock_.Now();
        row.last_error = "this receiver is configured no more";
      } else if (state == OutboxState::kSending) {
        GiveBack(row, Outcome::kUnanswered, "the daemon ended while it was on its way",
                 clock_.Now());
      } else {
        continue;
      }
      changes.outbox.push_back(std::move(row));
    }
  }
  return changes.empty() ? Result<void>{} : store_.Commit(changes);
}

Result<std::optional<OutboxBatch>> Outbox::Next(const std::string& receiver, bool digests) {
  std::lock_guard lock(mutex_);
  AIOPS_TRY(auto due,
            store_.ReadOutbox(
                {.receiver = receiver, .due = clock_.Now(), .limit = digests ? kMostInDigest : 1}));
  if (due.empty()) return std::optional<OutboxBatch>();
  AIOPS_TRY(OutboxBatch batch, ConversationOf(due.front()));
  if (digests && batch.occasion == Occasion::kOpened) {
    AIOPS_TRY(OutboxBatch digest, DigestOf(due));
    if (!due.front().urgent || digest.anomalies.size() > kMostByThemselves)
      batch = std::move(digest);
  }
  batch.unanswered = std::any_of(batch.rows.begin(), batch.rows.end(),
                                 [](const OutboxRow& row) { return row.unanswered > 0; });
  return std::optional(std::move(batch));
}

Result<OutboxBatch> Outbox::ConversationOf(const OutboxRow& due) const {
  AIOPS_TRY(
      auto all,
      store_.ReadOutbox({.receiver = due.receiver, .conversation = due.conversation, .limit = 0}));
  std::reverse(all.begin(), all.end());
  OutboxBatch batch;
  std::vector<OutboxRow> sent;
  for (OutboxRow& row : all) {
    batch.anomalies.insert(row.anomaly_id);
    if (row.state == OutboxState::kSent)
      sent.push_back(std::move(row));
    else if (row.state == OutboxState::kPending)
      batch.rows.push_back(std::move(row));
  }
  if (!sent.empty()) batch.about = sent.front().receipt;
  batch.occasion = OccasionOf(batch.rows, sent);
  return batch;
}

// All that is due, as urgent as the first, and not told yet.
Result<OutboxBatch> Outbox::DigestOf(const std::vector<OutboxRow>& due) const {
  OutboxBatch batch;
  batch.digest = true;
  for (const OutboxRow& row : due) {
    if (row.urgent != due.front().urgent || batch.anomalies.contains(row.anomaly_id)) continue;
    AIOPS_TRY(OutboxBatch conversation, ConversationOf(row));
    if (conversation.occasion != Occasion::kOpened) continue;
    batch.anomalies.merge(conversation.anomalies);
    std::move(conversation.rows.begin(), conversation.rows.end(), std::back_inserter(batch.rows));
  }
  return batch;
}

Result<bool> Outbox::Claim(OutboxBatch& batch) {
  std::lock_guard lock(mutex_);
  Changes changes;
  for (OutboxRow& row : batch.rows) {
    AIOPS_TRY(const auto now, store_.ReadOutbox({.state = OutboxState::kPending, .id = row.id}));
    if (now.empty()) return false;
    row.state = OutboxState::kSending;
    ++row.attempts;
    changes.outbox.push_back(row);
  }
  AIOPS_TRY_VOID(store_.Commit(changes));
  return true;
}

void Outbox::GiveBack(OutboxRow& row, Outcome outcome, const std::string& error, Time until) const {
  row.last_error = error;
  row.state = OutboxState::kPending;
  row.next_attempt_at = until;
  if (outcome == Outcome::kUnanswered && ++row.unanswered >= kMostUnanswered) {
    outcome = Outcome::kRefused;
    row.last_error += "; twice without an answer, so it may have arrived";
  }
  if (outcome != Outcome::kRefused) return;
  row.state = OutboxState::kFailed;
  row.settled_at = clock_.Now();
}

Result<void> Outbox::Settle(const OutboxBatch& batch, Outcome outcome, const Receipt& receipt,
                            const std::string& error, Time until) {
  std::lock_guard lock(mutex_);
  Changes changes;
  for (OutboxRow row : batch.rows) {
    AIOPS_TRY(const auto now, store_.ReadOutbox({.state = row.state, .id = row.id}));
    if (now.empty()) continue;  // dropped, before it was claimed
    if (outcome == Outcome::kSent) {
      row.state = OutboxState::kSent;
      row.receipt = receipt;
      row.settled_at = clock_.Now();
      row.last_error.clear();
    } else {
      GiveBack(row, outcome, error, until);
    }
    changes.outbox.push_back(std::move(row));
  }
  return changes.empty() ? Result<void>{} : store_.Commit(changes);
}

Result<OutboxQueue> Outbox::Queue(const std::string& receiver) {
  std::lock_guard lock(mutex_);
  AIOPS_TRY(OutboxQueue queue, store_.ReadOutboxQueue(receiver));
  if (queue.waiting() <= std::int64_t{kMostWaiting}) return queue;
  AIOPS_TRY_VOID(ExpireSurplus(receiver));
  return store_.ReadOutboxQueue(receiver);
}

Result<void> Outbox::ExpireSurplus(const std::string& receiver) const {
  AIOPS_TRY(auto rows, store_.ReadOutbox({.receiver = receiver,
                                          .state = OutboxState::kPending,
                                          .limit = 0}));  // newest first
  std::stable_partition(rows.begin(), rows.end(), [](const OutboxRow& row) { return row.urgent; });
  Changes changes;
  for (size_t i = kMostWaiting; i < rows.size(); ++i) {
    rows[i].state = OutboxState::kExpired;
    rows[i].settled_at = clock_.Now();
    rows[i].last_error = "too many messages waited for this receiver";
    changes.outbox.push_back(std::move(rows[i]));
  }
  return store_.Commit(changes);
}

void Outbox::Pause(const std::string& receiver, Time until) {
  Changes changes;
  changes.state.push_back({kPausePrefix + receiver, 0, until, ""});
  if (const auto stored = store_.Commit(changes); !stored)
    LogWarn("the pause that a receiver asked for is not stored",
            {{"receiver", receiver}, {"err", stored.error().message}});
}

Time Outbox::PausedUntil(const std::string& receiver) const {
  const auto stored = store_.ReadState(kPausePrefix + receiver);
  return stored && *stored ? (*stored)->watermark : Time{};
}

Result<OutboxRow> Outbox::Idle(std::int64_t id) const {
  AIOPS_TRY(auto rows, store_.ReadOutbox({.id = id}));
  if (rows.empty()) return NotFound("there is no message " + std::to_string(id));
  const OutboxState state = rows.front().state;
  if (state == OutboxState::kSent)
    return InvalidArgument("message " + std::to_string(id) + " was sent");
  if (state == OutboxState::kSending)
    return InvalidArgument("message " + std::to_string(id) + " is on its way");
  return std::move(rows.front());
}

Result<OutboxRow> Outbox::Retry(std::int64_t id) {
  std::lock_guard lock(mutex_);
  AIOPS_TRY(OutboxRow row, Idle(id));
  row.state = OutboxState::kPending;
  row.unanswered = 0;
  row.next_attempt_at = clock_.Now();
  row.settled_at.reset();
  Changes changes;
  changes.outbox.push_back(row);
  AIOPS_TRY_VOID(store_.Commit(changes));
  return row;
}

Result<OutboxRow> Outbox::Drop(std::int64_t id) {
  std::lock_guard lock(mutex_);
  AIOPS_TRY(OutboxRow row, Idle(id));
  row.state = OutboxState::kDropped;
  row.settled_at = clock_.Now();
  Changes changes;
  changes.outbox.push_back(row);
  AIOPS_TRY_VOID(store_.Commit(changes));
  return row;
}

}  // namespace aiops
