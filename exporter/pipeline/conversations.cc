#include "pipeline/conversations.h"

namespace aiops {

void Conversations::Restore(const Anomaly& open, std::int64_t id) {
  Conversation& conversation = conversations_[open.key];
  conversation.id = id;
  conversation.open.insert(open.id);
}

std::int64_t Conversations::Of(const Anomaly& anomaly) {
  const auto [it, begun] = conversations_.try_emplace(anomaly.key, Conversation{anomaly.id, {}});
  Conversation& conversation = it->second;
  const std::int64_t id = conversation.id;
  if (anomaly.state == AnomalyState::kOpen) {
    conversation.open.insert(anomaly.id);
  } else {
    conversation.open.erase(anomaly.id);
    if (conversation.open.empty()) conversations_.erase(it);
  }
  return id;
}

}  // namespace aiops
