// Judge: one detector per entity, and the samples that wait for the next round.
//
// The model in use is a row of the store's models, as those of before are, and nowhere else: taking
// another is one transaction, so that whoever kills the process finds the old one or the new one.
// What is said of it stays in memory beside the detector, so that a database that was begun anew is
// told both (Models).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "detectors/detector.h"
#include "detectors/shared_forest.h"
#include "model/anomaly.h"
#include "model/sample.h"
#include "model/score.h"
#include "pipeline/projection.h"
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
  Time stored;                  // the watermark of the newest snapshot that was handed out
  Time last_sample;
  bool judged = false;  // since the start: only then `last` says something
  Score last;
  Verdict round_verdict = Verdict::kUnknown;  // of the last round, after the gates
  double round_score = kMissing;              // of the sample that made it so
  double judging = kMissing;                  // the score of the sample that is concluded next
  std::shared_ptr<const ModelRecord> in_use;  // of the model; null: none. Its id may not be known
};

// Owned by the detect thread; references outlive it. Only Round() judges.
class Judge {
 public:
  Judge(const Config& config, const Store& store);

  // Every entity that was seen lately, with its state and model, and the samples after each
  // watermark. Those that a round has judged since the snapshot are learned again, in silence; the
  // others wait, and those that are too old to alert about are judged as backfill.
  Result<void> Restore(Time now);
  // Whether Restore met a model of other features, which judges on as far as it can, or of another
  // mode: fit anew from the stored samples.
  bool model_outdated() const { return model_outdated_; }

  // Learns the streaming states of all entities again, from the newest stored samples and in
  // silence: some came before those that were judged. What waits keeps waiting.
  Result<void> LearnAgain(Time now);

  // A sample that is older than the newest judged one: a repeated backfill is dropped, another one
  // means that the clock was set back, and time goes on there.
  void Add(Sample sample, const Labels& labels);

  // Adds flags to what waits; `of` says which.
  void FlagWaiting(const std::function<std::uint32_t(const Sample&)>& of);

  // Judges and learns everything that waits, in time order per entity, one entity after the other.
  void Round(const std::function<void(Judged)>& take);
  // What an entity shows until the next round: the worst verdict of the samples so far.
  void Conclude(const EntityKey& key, Verdict worst);

  // Puts a stored sample's values into the order of the scope's features today. False, with nothing
  // done, if nobody knows what its numbers were.
  bool Project(Sample& sample, const Scope& scope) const;
  // The features of the configured scopes by name: what Project reads after the next change.
  std::vector<SchemaRow> Schemas() const;

  // What a round's transaction stores beside its judgements: the states that changed since they
  // were handed out, oldest first, until they are `most_bytes`. Of the others a restart learns the
  // samples since again.
  std::vector<StateBlob> Snapshots(size_t most_bytes);
  // One, as it belongs beside a model that was taken; nullopt: nothing was judged yet.
  std::optional<StateBlob> Snapshot(const EntityKey& key);
  // All states and shared forests, and all models, for a database that has lost them.
  std::vector<StateBlob> Everything();
  std::vector<StoredModel> Models() const;

  // Forgets entities without a sample since `time`.
  void Forget(Time time);

  // The model of a detector that was fitted elsewhere; returns what to store.
  std::optional<StoredModel> Adopt(const EntityKey& key, const Detector& fitted,
                                   ModelRecord record);
  // A model of before; returns the state to store with it. It learns in silence what was judged
  // since its training, and goes on from there; what was told stays told. InvalidArgument: it
  // cannot judge what is configured.
  Result<std::optional<StateBlob>> GoBack(const EntityKey& key, const StoredModel& model);

  // What a person said of an anomaly, for what comes at the same time of other days. A start says
  // it again of all that are stored, whatever state it found.
  void Mark(const Anomaly& anomaly);
  // Whether that changes anything: only a calibrated score knows the time of day, and what lasted
  // for hours has none.
  bool CanExpect(const Anomaly& anomaly) const;

  // Whether a scope has so many entities that one forest serves them all.
  bool SharesForest(const Scope& scope) const;
  // A new one for the models to come; returns what to store and what to drop. The newest few are
  // kept, for models that were not replaced.
  void AdoptForest(const Scope& scope, std::shared_ptr<const SharedForest> forest, Time now,
                   Changes& changes);
  // What a model of the scope's entities is restored with.
  DetectorOptions OptionsFor(const Scope& scope) const;
  // The newest one that the scope's entities share; null: none.
  std::shared_ptr<const SharedForest> ForestOf(const Scope& scope) const;

  const std::map<EntityKey, EntityState>& entities() const { return entities_; }
  const Scope* FindScope(const std::string& name) const;

 private:
  // A new one begins with what is stored of it.
  EntityState& At(const EntityKey& key);
  static StateBlob StateOf(const EntityKey& key, EntityState& entity);
  Result<void> Load(const EntityKey& key, EntityState& entity);
  Result<void> LoadMarks(Time now);
  // A model of earlier features judges on by those that are left. False: it cannot judge at all.
  Result<bool> TakeModel(const EntityKey& key, EntityState& entity, const StoredModel& model);
  // Tells a model in silence what was judged since its training, where its memories end.
  Result<void> CatchUp(Detector& detector, const ModelRecord& model, const EntityKey& key,
                       const Scope& scope, Time until) const;
  Result<void> LoadForests();
  std::vector<StateBlob> Forests() const;
  Result<void> Recall(const Store::EntityRow& row, Time now);
  void LearnAgain(EntityState& entity, const Sample& sample);

  const Config& config_;
  const Store& store_;
  std::map<EntityKey, EntityState> entities_;
  EntityKey snapshot_last_;  // whose state was handed out last
  // Of each scope, oldest first.
  std::map<std::string, std::vector<std::shared_ptr<const SharedForest>>> forests_;
  SchemaNames schemas_;
  bool model_outdated_ = false;
};

// Sets or clears kLowCoverage by the values that the sample has now.
void FlagCoverage(Sample& sample, double min_coverage);

// When a labelled entity has not been seen for so long that it is shown no more: a quarter of an
// hour, or three of its scope's intervals.
bool HasVanished(const EntityState& entity, Time now);
// When what was said of it is no longer true: three intervals without a sample.
bool IsSilent(const EntityState& entity, Time now);

// It is trusted once it has seen a week, or kept quiet on newest samples that were held out.
Trust TrustIn(const EntityState& entity);

// What to say of a model that learned from a much shorter time than the one before; empty: nothing.
std::string ShorterThan(const ModelRecord& before, const ModelRecord& now);

// Name of the state blob of an entity. Unit separators keep hostile names apart.
std::string StateName(const EntityKey& key);
std::string ForestName(const Scope& scope, const SharedForest& forest);

}  // namespace aiops
