// Stored vectors in the order of today's features.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/feature.h"
#include "model/sample.h"

namespace aiops {

class Store;

// Which features the vectors of a schema hold, in order.
using SchemaNames = std::map<std::uint64_t, std::vector<std::string>>;
Result<SchemaNames> ReadSchemaNames(const Store& store);

// Missing where the sample did not have a feature; nullopt if nobody knows what its numbers were.
std::optional<std::vector<double>> Project(const Sample& sample, const Scope& scope,
                                           const SchemaNames& schemas);

// Whether vectors of the schema hold the feature; false if nobody knows what they hold.
bool Knows(std::uint64_t schema, const std::string& feature, const Scope& scope,
           const SchemaNames& schemas);

}  // namespace aiops
