// Judge: one detector per entity, and the samples that wait for the next round.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "detectors/detector.h"
#include "model/sample.h"
#include "model/score.h"
#include "store/store.h"

namespace aiops {

// What a round says of one sample.
struct Judged {
  const Scope* scope = nullptr;
  EntityKey key;
  Labels labels;
  Time time;
  std::uint32_t flags = 0;
  Score score;
};

struct EntityState {
  const Scope* scope = nullptr;
  Labels labels;
  std::unique_ptr<Detector> detector;
  std::vector<Sample> waiting;  // in time order, not yet judged
  Time watermark;               // the newest judged sample
  Time last_sample;
  Score last;
  Verdict round_verdict = Verdict::kUnknown;  // the worst of the last round
  std::optional<Time> trained_at;
};

// Owned by the detect thread. There is exactly one caller of Detector::Judge: Round().
class Judge {
 public:
  Judge(const Config& config);

  // State and model of every entity that was seen lately, and the samples after each watermark.
  Result<void> Restore(const Store& store, Time now);

  void Add(Sample sample, const Labels& labels);

  // Judges and learns everything that waits, in time order per entity.
  std::vector<Judged> Round();

  // What a round's transaction stores beside its judgements.
  std::vector<StateBlob> Snapshots() const;

  // Forgets entities without a sample since `time`.
  void Forget(Time time);

  DetectorOptions OptionsFor(const Scope& scope) const;
  // The model of a detector that was fitted elsewhere; returns what to store.
  std::optional<StateBlob> Adopt(const EntityKey& key, const Detector& fitted, Time now);

  const std::map<EntityKey, EntityState>& entities() const { return entities_; }
  const Scope* FindScope(const std::string& name) const;

 private:
  EntityState& At(const EntityKey& key);
  const Config& config_;
  std::map<EntityKey, EntityState> entities_;
};

// Names of the state blobs of an entity. Unit separators keep hostile names apart.
std::string StateName(const EntityKey& key);
std::string ModelName(const EntityKey& key);

}  // namespace aiops
