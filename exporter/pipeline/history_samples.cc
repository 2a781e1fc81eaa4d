#include "pipeline/history_samples.h"

#include <algorithm>
#include <map>

namespace aiops {
void FlagHistoryCoverage(std::vector<Sample>& slice, double min_coverage) {
  std::map<EntityKey, std::vector<bool>> seen;
  for (const Sample& sample : slice) {
    auto& features = seen[sample.key];
    features.resize(sample.values.size());
    for (size_t f = 0; f < sample.values.size(); ++f)
      if (!IsMissing(sample.values[f])) features[f] = true;
  }
  for (Sample& sample : slice) {
    const auto& features = seen[sample.key];
    const auto possible = std::count(features.begin(), features.end(), true);
    const double present = Coverage(sample.values) * static_cast<double>(sample.values.size());
    sample.flags &= ~kLowCoverage;
    if (possible == 0 || present / static_cast<double>(possible) < min_coverage - 1e-9)
      sample.flags |= kLowCoverage;
  }
}

std::optional<Sample> Completed(const Sample& stored, const Sample& fresh, const Scope& scope,
                                const SchemaNames& schemas) {
  auto values = Project(stored, scope, schemas);
  if (!values) return std::nullopt;
  const bool past = (stored.flags & kBackfill) != 0;
  bool filled = false;
  for (size_t f = 0; f < values->size(); ++f) {
    if (!IsMissing((*values)[f]) || IsMissing(fresh.values[f])) continue;
    if (!past && Knows(stored.schema, scope.features[f].name, scope, schemas)) continue;
    (*values)[f] = fresh.values[f];
    filled = true;
  }
  if (!filled) return std::nullopt;
  Sample out = stored;
  out.schema = fresh.schema;
  out.values = *std::move(values);
  if (past) out.flags = (out.flags & ~kLowCoverage) | (fresh.flags & kLowCoverage);
  return out;
}

}  // namespace aiops
