// Assembler: joins what the collectors brought home into one sample per entity.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "model/feature.h"
#include "model/sample.h"

namespace aiops {

// What one collector said of one tick.
struct Answer {
  size_t collector = 0;  // its index
  Tick tick;
  Result<Collected> result = Unavailable("no answer before the deadline");
  Duration duration{};
};

struct Assembled {
  std::vector<Sample> samples;         // of the tick; one per entity, each as wide as its scope
  std::vector<Sample> past;            // flagged kBackfill, oldest first
  std::map<EntityKey, Labels> labels;  // of every entity in `samples`
};

// Pure. The default entity of a scope without entity_labels is always there, even if every feature
// is missing: nothing seen is told as unknown, not as absent.
Assembled Assemble(const std::vector<Scope>& scopes, const std::string& default_entity,
                   const Tick& tick, const std::vector<Answer>& answers);

}  // namespace aiops
