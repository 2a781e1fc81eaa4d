#include "pipeline/view.h"

#include <algorithm>
#include <array>

namespace aiops {
namespace {

constexpr std::array<std::string_view, 4> kStates{"works", "fails", "waits", "off"};

}  // namespace

std::string_view ToString(SourceState state) { return kStates.at(static_cast<size_t>(state)); }

std::string_view MarkOf(SourceState state) {
  if (state == SourceState::kWorks) return "✓";
  return state == SourceState::kFails ? "✗" : "–";
}

std::map<std::string, std::int64_t> ByName(const OutboxCounts& rows) {
  std::map<std::string, std::int64_t> out;
  for (const auto& [state, count] : rows) out[std::string(ToString(state))] = count;
  return out;
}

const EntityView* FindEntity(const View& view, const EntityKey& key) {
  const auto at = std::lower_bound(
      view.entities.begin(), view.entities.end(), key,
      [](const EntityView& entity, const EntityKey& sought) { return entity.key < sought; });
  return at != view.entities.end() && at->key == key ? &*at : nullptr;
}

std::optional<Time> NextRound(const View& view) {
  for (const JobView& job : view.jobs)
    if (job.name == "detect") return job.next_run;
  return std::nullopt;
}

}  // namespace aiops
