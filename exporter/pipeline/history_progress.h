// HistoryProgress: whose history is wanted, and how far it has been read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "pipeline/projection.h"
#include "store/store.h"

namespace aiops {

// Of one scope; stored with the samples that it speaks of.
struct HistoryProgress {
  std::string scope;
  std::uint64_t schema = 0;
  Time read_to;            // oldest first: everything up to here
  Time until;              // the end: what came later, the followers tell; set at the first start
  bool done = false;       // to the end, by all sources
  size_t rows = 0;         // instants with at least one value
  size_t samples = 0;      // rows of all entities
  std::vector<bool> seen;  // the features that had a value
  bool newcomers = false;  // only what the stored samples do not know yet is wanted; not stored
};

StateBlob ToBlob(const HistoryProgress& progress);
// nullopt: nothing that ToBlob has written for this scope as it is today.
std::optional<HistoryProgress> FromBlob(const StateBlob& blob, const Scope& scope);

// The end of the history that was read for a scope; nullopt: none was.
Result<std::optional<Time>> HistoryUntil(const Store& store, const std::string& scope);

// How far back a first start reads: collect.backfill, but no more than is kept, nor than 20,160
// samples an entity (two weeks of minutes; a try-out's seconds would fill memory and disk).
Duration HistorySpan(const Config& config);

// One for each scope. Not done are: one with fewer stored samples than a training needs, one with a
// feature that its stored samples do not know, one whose reading was interrupted. `until`: of those
// that begin now.
Result<std::vector<HistoryProgress>> PlanHistory(const Config& config, const Store& store,
                                                 const SchemaNames& schemas, Time until);

}  // namespace aiops
