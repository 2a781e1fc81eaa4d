#include "pipeline/occasions.h"

namespace aiops {

Occasions::Told Occasions::AsTold(const Anomaly& a) {
  return {a.severity, a.acknowledged_at.has_value(), !a.root_cause.empty()};
}

void Occasions::Restore(const std::vector<Anomaly>& open) {
  for (const Anomaly& a : open) told_[a.id] = AsTold(a);
}

std::vector<Occasion> Occasions::Of(const Anomaly& a) {
  std::vector<Occasion> out;
  const bool open = a.state == AnomalyState::kOpen;
  auto it = told_.find(a.id);
  if (it == told_.end()) {
    if (!open) return out;
    told_[a.id] = AsTold(a);
    return {Occasion::kOpened};
  }
  const Told before = it->second;
  it->second = AsTold(a);
  if (it->second.severity > before.severity) out.push_back(Occasion::kEscalated);
  if (it->second.acknowledged && !before.acknowledged) out.push_back(Occasion::kAcknowledged);
  if (it->second.analysed && !before.analysed) out.push_back(Occasion::kAnalysed);
  if (!open) {
    out.push_back(Occasion::kClosed);
    told_.erase(it);
  }
  return out;
}

}  // namespace aiops
