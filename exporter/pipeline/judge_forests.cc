// The forests that the entities of a scope share.
#include <algorithm>
#include <cstdio>

#include "base/log.h"
#include "pipeline/detector_driver.h"
#include "pipeline/judge.h"

namespace aiops {
namespace {

constexpr size_t kKept = 4;  // forests of a scope
constexpr char kPrefix[] = "forest\x1f";

}  // namespace

std::string ForestName(const Scope& scope, const SharedForest& forest) {
  char id[17];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(forest.id()));
  return kPrefix + scope.name + "\x1f" + id;
}

bool Judge::SharesForest(const Scope& scope) const {
  if (config_.detect.mode != "calibrated") return false;
  const auto of_scope = [&](const auto& entry) { return entry.first.scope == scope.name; };
  return std::count_if(entities_.begin(), entities_.end(), of_scope) >
         config_.detect.forest.shared_above;
}

DetectorOptions Judge::OptionsFor(const Scope& scope) const {
  DetectorOptions options = DetectorOptionsFor(config_, scope);
  const auto forests = forests_.find(scope.name);
  if (forests == forests_.end()) return options;
  options.calibrated.saved_forests = forests->second;
  return options;
}

std::shared_ptr<const SharedForest> Judge::ForestOf(const Scope& scope) const {
  const auto forests = forests_.find(scope.name);
  return forests == forests_.end() || forests->second.empty() ? nullptr : forests->second.back();
}

std::vector<StateBlob> Judge::Forests() const {
  std::vector<StateBlob> out;
  for (const auto& [name, forests] : forests_) {
    const Scope& scope = *FindScope(name);
    for (const auto& forest : forests)
      out.push_back({ForestName(scope, *forest), SchemaHash(scope),
                     Time{} + Duration(out.size()),  // in the same order
                     forest->Snapshot()});
  }
  return out;
}

void Judge::AdoptForest(const Scope& scope, std::shared_ptr<const SharedForest> forest, Time now,
                        Changes& changes) {
  auto& forests = forests_[scope.name];
  std::erase_if(forests, [&](const auto& other) { return other->id() == forest->id(); });
  if (forests.size() >= kKept) {
    changes.drop_state.push_back(ForestName(scope, *forests.front()));
    forests.erase(forests.begin());
  }
  changes.state.push_back({ForestName(scope, *forest), SchemaHash(scope), now, forest->Snapshot()});
  forests.push_back(std::move(forest));
}

Result<void> Judge::LoadForests() {
  AIOPS_TRY(auto blobs, store_.ReadStates(kPrefix));
  std::stable_sort(blobs.begin(), blobs.end(),
                   [](const auto& a, const auto& b) { return a.watermark < b.watermark; });
  for (const StateBlob& blob : blobs) {
    const size_t begin = sizeof kPrefix - 1;
    const Scope* scope = FindScope(blob.name.substr(begin, blob.name.rfind('\x1f') - begin));
    if (scope == nullptr) continue;
    auto forest = SharedForest::Restore(blob.value);
    if (forest)
      forests_[scope->name].push_back(*std::move(forest));
    else
      LogWarn("a stored forest cannot be read; its entities are trained again",
              {{"scope", scope->name}, {"err", forest.error().message}});
  }
  return {};
}

}  // namespace aiops
