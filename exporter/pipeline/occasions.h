// Occasions: what of an anomaly's changes is worth telling, each once.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/anomaly.h"
#include "model/notification.h"

namespace aiops {

// Owned by the detect thread.
class Occasions {
 public:
  // After a restart: what is open has been told.
  void Restore(const std::vector<Anomaly>& open);

  // What is new of it since the last call, in the order of Occasion. Of one that was not seen open
  // nothing is.
  std::vector<Occasion> Of(const Anomaly& anomaly);

 private:
  struct Told {
    Severity severity = Severity::kWarning;
    bool acknowledged = false;
    bool analysed = false;
  };
  static Told AsTold(const Anomaly& anomaly);
  std::map<std::int64_t, Told> told_;  // of open ones, by id
};

}  // namespace aiops
