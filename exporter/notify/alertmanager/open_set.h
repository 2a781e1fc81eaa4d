// OpenSet: from the anomalies of a notification to the alerts of one post, over time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "notify/alertmanager/alert.h"

namespace aiops::alertmanager {

// Remembers, in memory only, under which labels each episode was last posted. When they change (an
// escalation), the alert with the old labels is closed in the same post as the new one opens, and
// the close is repeated for five minutes. After a restart the old alert ends by its own end.
// Not thread-safe.
class OpenSet {
 public:
  // The alerts to post now, at most one for each set of labels: an open one wins over an ended one,
  // of two ended ones the later.
  std::vector<Alert> Update(const std::vector<Anomaly>& anomalies, const AlertContext& context);

 private:
  struct Superseded {
    Alert alert;
    Time repeat_until;
  };
  void Supersede(const std::string& episode, const Alert& alert, const AlertContext& context);

  std::map<std::string, Alert> posted_;  // by fingerprint and id, as last posted
  std::vector<Superseded> superseded_;
};

}  // namespace aiops::alertmanager
