// A known-bad condition that needs no learning.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/entity.h"
#include "model/verdict.h"

namespace aiops {

// True now, as its source saw it. Facts are levels: a collector reports at every tick all facts
// that hold; one that is no longer reported by a healthy collector has ended.
struct Fact {
  std::string name;    // snake case: "container_down"; alertname AiopsContainerDown
  std::string entity;  // empty: the default entity of this daemon
  Labels labels;       // the entity's own labels, beyond its name
  std::string object;  // what is affected: the container, the target, the mount point
  Severity severity = Severity::kWarning;  // the default; policy may change it or switch it off
  std::string summary;  // one sentence, sanitised: "nextcloud-db exited with 137"
  std::vector<std::pair<std::string, std::string>> details;  // sanitised: exit code, image, ...
  Time since;  // when it began, as far as the source can tell
};

// What a collector can report, for documentation and for `facts:` in the config.
struct FactInfo {
  const char* name;
  Severity severity;
  const char* help;
};

// "container_down" -> "AiopsContainerDown".
std::string AlertName(const std::string& fact_name);

}  // namespace aiops
