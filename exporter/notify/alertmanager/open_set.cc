#include "notify/alertmanager/open_set.h"

#include <algorithm>

namespace aiops::alertmanager {
namespace {

constexpr Duration kRepeatEnd = minutes(5);

// Of two with the same labels. Posting both would let the order decide whether the alert fires.
void Keep(std::map<std::map<std::string, std::string>, Alert>& alerts, const Alert& alert) {
  const auto [it, added] = alerts.try_emplace(alert.labels, alert);
  if (!added && it->second.ends_at < alert.ends_at) it->second = alert;
}

}  // namespace

void OpenSet::Supersede(const std::string& episode, const Alert& alert,
                        const AlertContext& context) {
  const auto it = posted_.find(episode);
  if (it == posted_.end() || it->second.labels == alert.labels) return;
  auto old = it->second;
  // Closed between two posts: both names of the episode ended then.
  old.ends_at = std::max(old.starts_at, std::min(alert.ends_at, context.now));
  superseded_.push_back({std::move(old), context.now + kRepeatEnd});
}

std::vector<Alert> OpenSet::Update(const std::vector<Anomaly>& anomalies,
                                   const AlertContext& context) {
  std::map<std::map<std::string, std::string>, Alert> alerts;
  std::map<std::string, Alert> posted;
  for (const auto& anomaly : anomalies) {
    const auto alert = MakeAlert(anomaly, context);
    const auto episode = Fingerprint(anomaly) + "/" + std::to_string(anomaly.id);
    Supersede(episode, alert, context);
    Keep(alerts, alert);
    posted.insert_or_assign(episode, alert);
  }
  posted_ = std::move(posted);
  std::erase_if(superseded_, [&](const auto& s) { return s.repeat_until <= context.now; });
  for (const auto& s : superseded_) Keep(alerts, s.alert);

  std::vector<Alert> out;
  for (auto& [labels, alert] : alerts) out.push_back(std::move(alert));
  // Ends first: whoever reads along sees the old alert go before the new one comes.
  std::stable_sort(out.begin(), out.end(),
                   [](const Alert& a, const Alert& b) { return a.ends_at < b.ends_at; });
  return out;
}

}  // namespace aiops::alertmanager
