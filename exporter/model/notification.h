// What a receiver is asked to tell.
#pragma once

#include <string>
#include <vector>

#include "model/anomaly.h"

namespace aiops {

// For level receivers: all open anomalies and those that ended recently, whole, again and again.
// For edge receivers: what changed, once.
struct Notification {
  std::string idempotency_key;  // the same for a repeated attempt
  std::vector<Anomaly> anomalies;
  Time created_at;
};

// How a sent message can be found again, for edits and replies. Opaque outside its notifier.
struct Receipt {
  std::string reference;
};

}  // namespace aiops
