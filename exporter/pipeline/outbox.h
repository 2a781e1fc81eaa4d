// Outbox: the messages to edge receivers, from the transaction that causes them to their receipt.
//
//   pending -> sending -> sent
//      ^          |-----> failed    refused for good, or twice without an answer
//      '----------'                 may succeed later, or its sender died
//
// A row is written before it is sent and after, with power-safe commits: a crash repeats at most
// what was on its way. What somebody does by hand (Retry, Drop) and what the senders do is
// serialised here. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/notification.h"
#include "store/store.h"

namespace aiops {

// Messages that become one: those of one conversation, because they still waited; or a digest.
struct OutboxBatch {
  std::vector<OutboxRow> rows;       // by id, not empty
  std::set<std::int64_t> anomalies;  // of the conversation, told before or not
  Occasion occasion = Occasion::kOpened;
  Receipt about;        // what told the receiver of it first; empty: nothing did
  bool digest = false;  // conversations that are not urgent, told to people together
  bool unanswered =
      false;  // it was sent before, and perhaps arrived: ask first whether somebody is there
};

// What became of a batch.
enum class Outcome {
  kSent,
  kLater,       // it did not arrive: goes on waiting
  kUnanswered,  // perhaps it arrived: once more, then no more
  kRefused,     // for good
};

class Outbox {
 public:
  // Of these a receiver keeps so many waiting; of more the oldest that are not urgent expire.
  static constexpr size_t kMostWaiting = 10'000;

  // References outlive it.
  Outbox(Store& store, Clock& clock) : store_(store), clock_(clock) {}

  // At a start: what was on its way when the last process died counts as unanswered, and what waits
  // for a receiver that is none of `receivers` any more expires.
  Result<void> Recover(const std::set<std::string>& receivers);

  // The receiver's rows, and when the next of them is due. Of more than kMostWaiting some expire.
  Result<OutboxQueue> Queue(const std::string& receiver);
  // The next batch that is due; nullopt: none is. `digests`: what is not urgent is told together.
  Result<std::optional<OutboxBatch>> Next(const std::string& receiver, bool digests = false);
  // Call right before sending; false: somebody dropped it meanwhile. Unavailable: the database does
  // not take it; nothing may be sent.
  Result<bool> Claim(OutboxBatch& batch);
  // Call once for what was claimed, or not to be claimed now (kLater). `until`: when it may be
  // tried again. Unavailable: the outcome is not stored; call again.
  Result<void> Settle(const OutboxBatch& batch, Outcome outcome, const Receipt& receipt,
                      const std::string& error, Time until);

  // A receiver that asked for a pause gets it over a restart, too. A pause that is not stored is
  // logged: it holds for the running daemon.
  void Pause(const std::string& receiver, Time until);
  Time PausedUntil(const std::string& receiver) const;

  // What failed or expired waits again, at once; what waits is sent at once. NotFound: there is no
  // such row. InvalidArgument: it is on its way, or was sent.
  Result<OutboxRow> Retry(std::int64_t id);
  // What has not been sent never will be. Errors as of Retry.
  Result<OutboxRow> Drop(std::int64_t id);

 private:
  Result<OutboxRow> Idle(std::int64_t id) const;
  Result<OutboxBatch> ConversationOf(const OutboxRow& due) const;
  Result<OutboxBatch> DigestOf(const std::vector<OutboxRow>& due) const;
  Result<void> ExpireSurplus(const std::string& receiver) const;
  void GiveBack(OutboxRow& row, Outcome outcome, const std::string& error, Time until) const;

  Store& store_;
  Clock& clock_;
  std::mutex mutex_;  // from reading rows to writing them
};

}  // namespace aiops
