// Engine: the steps of the pipeline joined, without threads and without waiting.
//
//   tick:   answers -> Assemble -> facts -> tracker -> commit -> deliver
//   round:  waiting samples -> Judge -> gates of policy -> tracker -> commit -> deliver
//
// The detect thread of the daemon and `aiopsctl replay` both drive it: there is one path.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "config/config.h"
#include "model/command.h"
#include "pipeline/anomaly_tracker.h"
#include "pipeline/assembler.h"
#include "pipeline/detector_driver.h"
#include "pipeline/journal.h"
#include "pipeline/judge.h"
#include "pipeline/occasions.h"
#include "pipeline/silences.h"
#include "pipeline/view.h"
#include "store/store.h"

namespace aiops {

// What the engine tells the level receivers: all open anomalies and those that ended lately.
using Publish = std::function<void(std::vector<Anomaly>)>;

struct EngineOptions {
  Time silent_until{};  // the boot grace: until then no anomaly opens
  struct Source {
    std::string name;
    std::vector<std::string> facts;  // that only this collector reports
  };
  std::vector<Source> collectors;  // by Answer::collector
  // Messages to edge receivers, stored with the change that they tell. Null: there are none.
  std::function<std::vector<OutboxRow>(const Anomaly&, const std::vector<Occasion>&)> messages =
      nullptr;
};

struct RoundReport {
  Verdict worst = Verdict::kUnknown;
  std::vector<Judged> judged;
};

// A model that was fitted on a training thread.
struct Trained {
  ModelRecord record;                  // with the reason, where it is refused or failed
  std::unique_ptr<Detector> detector;  // null: it is
  Duration duration{};
};

// Owned by the detect thread. References outlive it.
class Engine {
 public:
  Engine(const Config& config, Store& store, EngineOptions options, Publish publish);

  // Open anomalies, states, models and samples that no round has seen. A database that cannot be
  // read begins afresh, with a warning.
  void Restore(Time now);

  // Whether stored models have other features or another mode than the configured ones: train at
  // once.
  bool wants_training() const { return judge_.model_outdated(); }
  // The wall clock was set back by so much: what was counted from it moves along.
  void ClockSetBack(Duration by) { silent_until_ -= by; }

  // Older samples were stored beside the engine: what it learned from the newest is learned again
  // with them.
  void LearnHistory(Time now);

  // `manual`: a tick between the regular ones, in which every scope takes part.
  void OnTick(const Tick& tick, std::vector<Answer> answers, bool manual = false);
  RoundReport Round(Time now);

  // Training, in two halves: the samples are read here, the fit may run elsewhere.
  struct TrainingSet {
    EntityKey key;
    TrainingRows rows;
    size_t held = 0;                  // newest rows, on which a model of the others is tried
    size_t alerts = 0;                // of the model in use, in that time
    std::vector<Incident> incidents;  // confirmed as real, and alerted about when they happened
    std::string in_use;               // the model in use; empty: none, or no incidents
    Exclusions excluded{};            // samples of the window that are no rows
    bool first = false;               // there is no model in use
  };
  std::vector<EntityKey> Trainable() const;
  // Entities with fewer than the configured samples are left out; `*best` is raised to the most
  // that one has. A window is about 2 MB at eleven features: ask for a few entities (TrainingRun).
  std::vector<TrainingSet> TrainingSets(Time now, std::span<const EntityKey> of, size_t* best);
  // Scopes of so many entities that one forest is to serve them all, before they are trained.
  std::vector<const Scope*> ScopesThatShare() const;
  void AdoptForest(const Scope& scope, std::shared_ptr<const SharedForest> forest, Time now);
  // A model that would alert far more than the one in use is refused, and one that does not see an
  // incident that was seen. A first one is taken however its trial ends: alone, EWMA alerts more.
  static Trained Fit(TrainingSet set);
  // Taken or not, it is recorded.
  void Adopt(Trained trained, Time now);

  // What RollBackCommand asks for. NotFound: no such entity or model. InvalidArgument: nothing to
  // go back to, or nothing that could judge. What is to be stored goes into `changes`, for Record.
  struct RolledBack {
    ModelRecord now;
    std::int64_t before = 0;  // the model that judged until then; 0: none did
  };
  Result<RolledBack> RollBack(const RollBackCommand& command, Time now, Changes& changes);

  // The anomaly, open or closed, as it is now; the first acknowledgement stays. nullopt: there is
  // none. What is to be stored goes into `changes`, for Record. Unavailable: of a closed one, while
  // the database does not answer.
  struct Acknowledgement {
    Anomaly anomaly;
    bool already = false;
  };
  Result<std::optional<Acknowledgement>> Acknowledge(std::int64_t id, Time now,
                                                     const std::string& by, const std::string& why,
                                                     Changes& changes);
  // What a person found it to be, with its samples; the last mark counts. Else as Acknowledge.
  Result<std::optional<Anomaly>> MarkAnomaly(const MarkCommand& command, Time now,
                                             const std::string& by, Changes& changes);
  // Whether the same at the same time of other days would not be told, once marked as expected.
  bool CanExpect(const Anomaly& anomaly) const { return judge_.CanExpect(anomaly); }
  Silences& silences() { return silences_; }
  // Of the models in use the newest; null: there is none.
  std::shared_ptr<const ModelRecord> NewestModel() const;
  // Whether a silence concerns somebody who is watched, or everybody.
  bool Watches(const Silence& silence) const;
  // Stores what a command changed, and its entry in the audit trail.
  void Record(Changes changes);

  // Retries what the store did not take, deletes some of what had expired at the last full hour,
  // forgets old closings. Returns what it did about what has expired, in words.
  std::string Housekeep(Time now);
  // Before an orderly end: what rounds have not stored yet, so that a start need not learn it
  // again.
  void SaveStates();
  // Offers the store once more what it has not taken yet.
  void Flush() { journal_.Flush(); }
  // Transactions that the store has not taken yet.
  size_t backlog() const { return journal_.backlog(); }

  // Entities, facts, anomalies, counters and store of the view.
  void Fill(View& view) const;

 private:
  void Flag(Sample& sample) const;
  // What is new in it. A stored sample stays as it is: the past of one source is narrower.
  std::vector<Sample> TakePast(std::vector<Sample> past);
  std::vector<TrackedFact> ApplyPolicy(const std::vector<Answer>& answers) const;
  void ObserveFacts(const Tick& tick, const std::vector<Answer>& answers, Changes& changes);
  void Commit(Changes changes);
  void Tell(Changes& changes);
  void RecordSlices(const Reflag& whole);
  void MarkSamples(const Anomaly& anomaly, Changes& changes) const;
  Gate FactGate(const EntityKey& key, Time time) const;
  Result<std::optional<Anomaly>> FindAnomaly(std::int64_t id) const;
  Gate PolicyGate(const Judged& judged) const;
  Verdict Gated(Judged& judged, Changes& changes);
  bool Vanished(const EntityKey& key) const;
  void RememberAll();
  void ForgetExpired(const std::vector<EntityKey>& entities);
  void HoldOut(const EntityState& entity, TrainingSet& set) const;
  size_t EarlierModels() const;
  Result<EntityKey> OneEntity(const RollBackCommand& command) const;
  Result<StoredModel> ModelToUse(const RollBackCommand& command) const;
  Result<StoredModel> ModelBefore(const EntityKey& key) const;
  Duration TrainingWindow(const EntityKey& key) const;
  std::vector<Sample> TrainingWindowOf(const EntityKey& key, const Scope& scope, Time now);
  std::vector<Incident> Incidents(const EntityKey& key, const std::vector<Sample>& window,
                                  const DetectorOptions& options) const;
  void FillFacts(View& view) const;
  void Count(const Judged& judged);
  void FillEntities(View& view) const;
  void TellGroups();

  const Config& config_;
  Store& store_;
  const EngineOptions options_;
  const Publish publish_;
  Time silent_until_;
  Time newest_;  // the newest tick's end
  Journal journal_;
  Judge judge_;
  AnomalyTracker tracker_;
  Silences silences_;
  std::vector<TrackedFact> facts_;
  std::vector<GroupStory> groups_;  // as of the last tick or round
  std::map<EntityKey, Labels> stored_labels_;
  std::uint64_t seen_files_begun_ = 0;
  bool retention_failing_ = false;
  Time expired_to_;  // nothing older is left to delete
  Occasions occasions_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> gated_total_;
  std::map<std::string, std::uint64_t> log_only_total_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> trainings_total_;  // scope, result
  std::uint64_t rounds_ = 0;
  std::optional<Time> last_round_;
  Duration last_training_{};
};

}  // namespace aiops
