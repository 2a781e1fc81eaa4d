#include "pipeline/assembler.h"

namespace aiops {
namespace {

// The entity's name: the values of its labels, in the order of the scope's entity_labels.
std::string EntityName(const Scope& scope, const Labels& labels, const std::string& fallback) {
  std::string name;
  for (const auto& wanted : scope.entity_labels) {
    for (const auto& [label, value] : labels) {
      if (label != wanted) continue;
      if (!name.empty()) name += '/';
      name += value;
    }
  }
  return name.empty() ? fallback : name;
}

// The vectors of one instant, by entity.
class Joiner {
 public:
  Joiner(const std::vector<Scope>& scopes, const std::string& fallback, Time time,
         std::uint32_t flags)
      : scopes_(scopes), fallback_(fallback), time_(time), flags_(flags) {}

  void AddDefaultEntities() {
    for (const auto& scope : scopes_)
      if (scope.entity_labels.empty()) At(scope, {});
  }

  void Add(const std::vector<Reading>& readings, std::uint32_t flags) {
    for (const auto& reading : readings) {
      const auto [s, f] = reading.feature;
      if (s >= scopes_.size() || f >= scopes_[s].features.size()) continue;
      Sample& sample = At(scopes_[s], reading.labels);
      sample.values[f] = std::isfinite(reading.value) ? reading.value : kMissing;
      sample.flags |= flags;
    }
  }

  void MoveTo(std::vector<Sample>& samples, std::map<EntityKey, Labels>* labels) {
    for (auto& [key, sample] : samples_) samples.push_back(std::move(sample));
    if (labels) labels->merge(labels_);
  }

 private:
  Sample& At(const Scope& scope, const Labels& labels) {
    EntityKey key{scope.name, EntityName(scope, labels, fallback_)};
    auto [it, fresh] = samples_.try_emplace(key);
    if (fresh) {
      it->second = {key, time_, SchemaHash(scope), flags_,
                    std::vector<double>(scope.features.size(), kMissing)};
      labels_.emplace(std::move(key), labels);
    }
    return it->second;
  }

  const std::vector<Scope>& scopes_;
  const std::string& fallback_;
  const Time time_;
  const std::uint32_t flags_;
  std::map<EntityKey, Sample> samples_;
  std::map<EntityKey, Labels> labels_;
};

}  // namespace

Assembled Assemble(const std::vector<Scope>& scopes, const std::string& default_entity,
                   const Tick& tick, const std::vector<Answer>& answers) {
  Assembled out;
  Joiner now(scopes, default_entity, tick.end, 0);
  now.AddDefaultEntities();
  std::map<Time, Joiner> past;
  for (const auto& answer : answers) {
    if (!answer.result) continue;
    now.Add(answer.result->readings, answer.result->partial ? kPartial : 0u);
    for (const auto& older : answer.result->past) {
      if (older.end >= tick.end) continue;
      past.try_emplace(older.end, scopes, default_entity, older.end, kBackfill)
          .first->second.Add(older.readings, 0);
    }
  }
  now.MoveTo(out.samples, &out.labels);
  for (auto& [time, joiner] : past) joiner.MoveTo(out.past, nullptr);
  return out;
}

}  // namespace aiops
