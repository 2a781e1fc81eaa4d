// What is made of the readings of a past: rows that may train.
#pragma once

#include <optional>
#include <vector>

#include "model/sample.h"
#include "pipeline/projection.h"

namespace aiops {

// Sets kLowCoverage by the features that the entity's history has in this slice: what no source
// remembers (containers) must not make a week of minutes worthless.
void FlagHistoryCoverage(std::vector<Sample>& slice, double min_coverage);

// A stored sample with what it lacks of `fresh`, in the order of today's features: of a live one
// only features that it could not know, of one from the past whatever is missing. nullopt: nothing
// is new.
std::optional<Sample> Completed(const Sample& stored, const Sample& fresh, const Scope& scope,
                                const SchemaNames& schemas);

}  // namespace aiops
