// View: what the pipeline shows to the outside, as one immutable value.
//
// The detect thread builds a new one after every tick, round and command; web/ renders metrics and
// JSON from it. Nobody outside the detect thread sees anything that changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/section.h"
#include "detectors/detector.h"
#include "model/anomaly.h"
#include "model/fact.h"
#include "model/feature.h"
#include "model/score.h"
#include "pipeline/group_story.h"
#include "store/store.h"

namespace aiops {

struct EntityView {
  EntityKey key;
  Labels labels;
  Verdict verdict = Verdict::kUnknown;  // the worse of learned and facts
  Verdict learned = Verdict::kUnknown;  // of the last round
  std::string reason;                   // why unknown, in words; empty otherwise
  Time judged_at;                       // the newest judged sample
  Time sampled_at;                      // of the values: that sample, or while none is, the newest
  Score score;                          // of that sample
  double learned_score = kMissing;      // of the sample that made `learned` what it is
  std::optional<Time> ready_at;  // from when it judges in earnest (estimated while warming up)
  ModelInfo model;
  Trust trust;                                // until then what is learned is at most a WARNING
  std::shared_ptr<const ModelRecord> in_use;  // of the model; null: none
  std::optional<Time> trained_at() const {
    return in_use ? std::optional(in_use->trained_at) : std::nullopt;
  }
};

struct CollectorView {
  std::string name;
  std::string help;
  bool up = false;
  bool ran = false;   // at least once
  std::string error;  // of the last failure; sanitised
  std::string error_kind;
  std::vector<std::string> notes;
  std::optional<Time> last_success;
  Duration last_duration{};
  std::uint64_t late = 0;  // answers that came after the deadline and were dropped
  std::map<std::string, std::uint64_t> failures;  // by kind
  std::map<std::pair<std::string, std::string>, double> counters;
  Time next_run;
};

// A scheduled job: collect, detect, train, retention.
struct JobView {
  std::string name;
  std::string schedule;  // "every 5m", "0 3 * * 0 Asia/Seoul"
  std::optional<Time> last_run;
  std::optional<Time> last_success;
  Duration last_duration{};
  std::string last_result;  // one sentence
  std::optional<Time> next_run;
};

// Under the names of the states.
std::map<std::string, std::int64_t> ByName(const OutboxCounts& rows);

struct ReceiverView {
  std::string name;
  std::string kind;               // "level", "edge"
  std::optional<bool> up;         // whether it took the last notification; unknown before the first
  std::optional<Time> next_send;  // when it is told again; nullopt while there is nothing to tell
  std::optional<Time> last_success;
  std::string last_error;
  std::map<std::string, std::uint64_t> failures;  // by kind
  std::uint64_t sent = 0;
  OutboxCounts outbox;  // of an edge receiver: its messages by state
};

// kWaits: it was not asked yet. kOff: nobody asks it, because it is not there or not wanted.
enum class SourceState { kWorks, kFails, kWaits, kOff };
std::string_view ToString(SourceState state);  // "works", "fails", "waits", "off"
std::string_view MarkOf(SourceState state);    // "✓", "✗"; "–" for what is no failure

// A source in the checklist of a try-out and of /status.
struct SourceCheck {
  std::string name;
  SourceState state = SourceState::kWaits;
  std::string detail;  // what was found, or why not and what to do
};

struct ActiveFact {
  EntityKey key;
  std::string name;
  std::string object;
  Severity severity = Severity::kWarning;
};

struct CounterKey {  // labels of aiops_anomalies_total
  std::string severity, scope, kind;
  auto operator<=>(const CounterKey&) const = default;
};

struct View {
  Time built_at;
  Time started_at;
  std::string version;
  bool tryout = false;
  std::vector<Scope> scopes;
  std::vector<EntityView> entities;  // sorted by key
  std::vector<ActiveFact> facts;
  std::vector<Anomaly> open;           // open anomalies, newest first
  std::vector<GroupStory> groups;      // of scopes with many entities in trouble
  std::vector<Silence> silences;       // in force or to come, by id
  std::vector<Silence> past_silences;  // of the last 31 days
  std::map<CounterKey, std::uint64_t> anomalies_total;
  std::map<std::pair<std::string, std::string>, std::uint64_t> gated_total;      // gate, scope
  std::map<std::string, std::uint64_t> log_only_total;                           // scope
  std::map<std::pair<std::string, std::string>, std::uint64_t> trainings_total;  // scope, result
  std::vector<CollectorView> collectors;
  std::vector<JobView> jobs;
  std::vector<ReceiverView> receivers;
  std::vector<SourceCheck> checklist;
  StoreHealth store;
  std::uint64_t store_backlog = 0;  // transactions that wait for the store
  std::uint64_t store_dropped = 0;  // that were given up
  std::uint64_t rounds_total = 0;
  std::optional<Time> last_round;
  Duration last_round_duration{};
  Duration last_training_duration{};
  bool reload_ok = true;
  Time reload_at;
  std::string reload_error;
  std::vector<Origin> config;  // where each value came from
};

// Null: nobody of that name is shown. Lives as long as the view.
const EntityView* FindEntity(const View& view, const EntityKey& key);
// When the next round is due; nullopt: nobody knows.
std::optional<Time> NextRound(const View& view);

// Hands the newest View from one thread to many. Thread-safe.
class ViewCell {
 public:
  std::shared_ptr<const View> Get() const {
    std::lock_guard lock(mutex_);
    return view_;
  }
  void Set(std::shared_ptr<const View> view) {
    std::lock_guard lock(mutex_);
    view_ = std::move(view);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const View> view_ = std::make_shared<View>();
};

}  // namespace aiops
