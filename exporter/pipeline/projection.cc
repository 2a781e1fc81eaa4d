#include "pipeline/projection.h"

#include <algorithm>
#include <utility>

#include "store/store.h"

namespace aiops {

Result<SchemaNames> ReadSchemaNames(const Store& store) {
  AIOPS_TRY(auto rows, store.ReadSchemas());
  SchemaNames names;
  for (SchemaRow& row : rows) names[row.schema] = std::move(row.features);
  return names;
}

std::optional<std::vector<double>> Project(const Sample& sample, const Scope& scope,
                                           const SchemaNames& schemas) {
  if (sample.schema == SchemaHash(scope)) return sample.values;
  const auto it = schemas.find(sample.schema);
  if (it == schemas.end() || it->second.size() != sample.values.size()) return std::nullopt;
  std::vector<double> out(scope.features.size(), kMissing);
  for (size_t f = 0; f < scope.features.size(); ++f) {
    const auto name = std::find(it->second.begin(), it->second.end(), scope.features[f].name);
    if (name != it->second.end())
      out[f] = sample.values[static_cast<size_t>(name - it->second.begin())];
  }
  return out;
}

bool Knows(std::uint64_t schema, const std::string& feature, const Scope& scope,
           const SchemaNames& schemas) {
  if (schema == SchemaHash(scope)) return true;
  const auto names = schemas.find(schema);
  return names != schemas.end() &&
         std::find(names->second.begin(), names->second.end(), feature) != names->second.end();
}

}  // namespace aiops
