// How facts come from the collectors' answers to their episodes.
#include <algorithm>

#include "pipeline/engine.h"

namespace aiops {

std::vector<TrackedFact> Engine::ApplyPolicy(const std::vector<Answer>& answers) const {
  std::vector<TrackedFact> out;
  for (const auto& answer : answers) {
    if (!answer.result) continue;
    for (const Fact& fact : answer.result->facts) {
      const auto policy = std::find_if(config_.fact_policies.begin(), config_.fact_policies.end(),
                                       [&](const FactPolicy& p) { return p.name == fact.name; });
      TrackedFact tracked{{config_.scopes.front().name, fact.entity}, fact, answer.collector};
      if (tracked.key.entity.empty()) tracked.key.entity = config_.collect.entity;
      if (policy != config_.fact_policies.end()) {
        if (!policy->enabled) continue;
        tracked.fact.severity = policy->severity;
      }
      out.push_back(std::move(tracked));
    }
  }
  return out;
}

void Engine::ObserveFacts(const Tick& tick, const std::vector<Answer>& answers, Changes& changes) {
  std::vector<bool> answered(options_.collectors.size());
  for (const Answer& answer : answers)
    answered.at(answer.collector) = answered.at(answer.collector) || answer.result.has_value();
  const auto silent = [&](const std::string& fact, std::optional<size_t> collector) {
    if (collector) return !answered.at(*collector);
    // Not reported since the start: by any of those that could have.
    for (size_t c = 0; c < options_.collectors.size(); ++c) {
      const auto& own = options_.collectors[c].facts;
      if (!answered[c] && std::find(own.begin(), own.end(), fact) != own.end()) return true;
    }
    return false;
  };
  std::vector<TrackedFact> now = ApplyPolicy(answers);
  for (auto& before : facts_)
    if (!answered.at(before.collector)) now.push_back(std::move(before));
  facts_ = std::move(now);
  for (const auto& fact : facts_)
    if (const Gate gate = FactGate(fact.key, tick.end); gate != Gate::kNone)
      ++gated_total_[{std::string(ToString(gate)), fact.key.scope}];
  changes.anomalies = tracker_.ObserveFacts(tick.end, facts_, silent, [&](const EntityKey& key) {
    return FactGate(key, tick.end) != Gate::kNone;
  });
}

}  // namespace aiops
