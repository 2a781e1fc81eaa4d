// Conversations: which anomalies people are told together: those of one entity that overlap in
// time.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "model/anomaly.h"

namespace aiops {

// Owned by the detect thread.
class Conversations {
 public:
  // After a restart: an open anomaly, and the conversation that it was told in.
  void Restore(const Anomaly& open, std::int64_t conversation);

  // The conversation that an anomaly belongs to, named after its first one. Call it whenever one
  // opened, changed or ended.
  std::int64_t Of(const Anomaly& anomaly);

 private:
  struct Conversation {
    std::int64_t id = 0;
    std::set<std::int64_t> open;
  };
  std::map<EntityKey, Conversation> conversations_;
};

}  // namespace aiops
