// A message of the outbox as JSON: the list, and the answer to whoever has it sent again or
// dropped. For .cc files, which include <nlohmann/json.hpp> themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/notification.h"

namespace aiops {

// {"id", "receiver", "anomaly", "conversation", "occasion", "urgent", "state", "attempts",
// "unanswered", "created_at", "next_attempt_at" (of one that waits), "settled_at", "last_error"};
// what is not known is null.
nlohmann::ordered_json OutboxJson(const OutboxRow& row);

}  // namespace aiops
