// What code found about an anomaly, and what an analyzer made of it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace aiops {

// The time range that an anomaly is explained over.
struct Window {
  Time from;
  Time to;
};

// Deterministic, bounded, sanitised.
struct EvidenceItem {
  std::string id;      // "E1", "E2", ... unique within one anomaly
  std::string source;  // the collector or room that found it
  Time time;
  std::string text;  // one sentence
};
using Evidence = std::vector<EvidenceItem>;

struct Analysis {
  std::string root_cause;             // one or two sentences
  std::string worded_by;              // "template", or the model's name
  std::vector<std::string> evidence;  // ids that it rests on
};

}  // namespace aiops
