// What a receiver is asked to tell, and what becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/anomaly.h"

namespace aiops {

// What of an anomaly an edge receiver is told. The values are stored: never renumber.
// kChanged: of a conversation, that another anomaly joined or left it.
enum class Occasion : std::uint8_t {
  kOpened,
  kEscalated,
  kAcknowledged,
  kAnalysed,
  kClosed,
  kChanged,
};
std::string_view ToString(Occasion occasion);  // "opened", "escalated", ...
inline constexpr int kOccasionCount = 6;

// How a sent message can be found again, for edits and replies. Opaque outside its notifier.
struct Receipt {
  std::string reference;
};

// For level receivers: all open anomalies and those that ended recently, whole, again and again.
// For edge receivers: a conversation as it is now, once. It is about one anomaly; with people it is
// about all of one entity that overlap in time.
struct Notification {
  std::string idempotency_key;     // the same for a repeated attempt
  std::vector<Anomaly> anomalies;  // by id
  Time created_at;
  // The rest is for edge receivers. kOpened: nothing was told of it yet; kClosed: all of it ended.
  Occasion occasion = Occasion::kOpened;
  Receipt about;        // the message that told of it first; empty: this is it
  bool digest = false;  // several conversations at once, none of them told before
};

// pending: waits for its time. sending: on its way, or its sender died. failed: given up, until
// somebody has it sent again. expired: too many waited. The values are stored: never renumber.
enum class OutboxState : std::uint8_t { kPending, kSending, kSent, kFailed, kExpired, kDropped };
std::string_view ToString(OutboxState state);  // "pending", "sending", ...
std::optional<OutboxState> ParseOutboxState(std::string_view text);
inline constexpr int kOutboxStateCount = 6;

// One message for one receiver. What it says is the conversation as it is when it is sent.
struct OutboxRow {
  std::int64_t id = 0;  // given by the store, in order of arrival
  std::string receiver;
  std::int64_t conversation = 0;  // the id of its first anomaly
  std::int64_t anomaly_id = 0;
  Occasion occasion = Occasion::kOpened;
  bool urgent = false;  // of a CRITICAL anomaly: goes before what is not
  OutboxState state = OutboxState::kPending;
  Receipt receipt;
  int attempts = 0;
  int unanswered = 0;  // attempts of which nobody knows whether they arrived
  Time created_at;
  Time next_attempt_at;
  std::optional<Time> settled_at;  // when it was sent or given up
  std::string last_error;          // without secrets
};

}  // namespace aiops
