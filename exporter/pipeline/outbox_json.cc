#include "pipeline/outbox_json.h"

#include <nlohmann/json.hpp>

namespace aiops {

nlohmann::ordered_json OutboxJson(const OutboxRow& row) {
  using Json = nlohmann::ordered_json;
  const bool waits = row.state == OutboxState::kPending;
  return {{"id", row.id},
          {"receiver", row.receiver},
          {"anomaly", row.anomaly_id},
          {"conversation", row.conversation},
          {"occasion", ToString(row.occasion)},
          {"urgent", row.urgent},
          {"state", ToString(row.state)},
          {"attempts", row.attempts},
          {"unanswered", row.unanswered},
          {"created_at", FormatTime(row.created_at)},
          {"next_attempt_at", waits ? Json(FormatTime(row.next_attempt_at)) : Json(nullptr)},
          {"settled_at", row.settled_at ? Json(FormatTime(*row.settled_at)) : Json(nullptr)},
          {"last_error", row.last_error.empty() ? Json(nullptr) : Json(row.last_error)}};
}

}  // namespace aiops
