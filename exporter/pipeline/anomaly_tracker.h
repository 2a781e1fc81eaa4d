// AnomalyTracker: turns verdicts and facts into episodes, and decides nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/anomaly.h"
#include "model/fact.h"
#include "model/feature.h"
#include "model/score.h"
#include "pipeline/view.h"

namespace aiops {

struct TrackerOptions {
  int close_after = 3;       // quiet judged samples that close a learned anomaly
  int fact_close_after = 2;  // ticks without it that close a fact
};

// One fact as policy lets it through, with the source that vouches for it.
struct TrackedFact {
  EntityKey key;
  Fact fact;
  size_t collector = 0;  // its index
};

// What policy lets a judged sample do to its entity's episode.
enum class Effect {
  kFull,      // opens, worsens, closes
  kMayClose,  // maintenance, mute: nothing opens or worsens; an open one goes on, and may close
  kPast,      // read late, or during the boot grace: quiet may close, an alarm changes nothing
};

// Owned by the detect thread. Every call returns the anomalies that it opened or changed: what must
// be stored. An id is given once, in memory, and never used again, whether or not the store takes
// it.
class AnomalyTracker {
 public:
  explicit AnomalyTracker(TrackerOptions options) : options_(options) {}

  // After a restart: the open anomalies and the greatest id ever stored. Nothing is told again.
  void Restore(std::vector<Anomaly> open, std::int64_t max_id);

  // One judged sample. Unknown neither opens nor counts as quiet. With kPast a sample older than
  // the anomaly's last sight changes nothing; else the clock was set back, and time goes on there.
  std::vector<Anomaly> Observe(const Scope& scope, const EntityKey& key, const Labels& labels,
                               Time time, const Score& score, Effect effect);

  // All facts that hold at a tick. `silent(fact, collector)` says that the source of an open one
  // did not answer: it then stays as it is. collector: which one reported it; nullopt after a
  // restart, until one does.
  using Silent = std::function<bool(const std::string& fact, std::optional<size_t> collector)>;
  // `gated`: nothing may open of this entity now.
  using Gated = std::function<bool(const EntityKey&)>;
  std::vector<Anomaly> ObserveFacts(Time time, const std::vector<TrackedFact>& facts,
                                    const Silent& silent, const Gated& gated);

  // Closes learned episodes whose entity is no more.
  std::vector<Anomaly> CloseVanished(Time time,
                                     const std::function<bool(const EntityKey&)>& vanished);

  std::optional<Anomaly> Acknowledge(std::int64_t id, Time now, const std::string& by,
                                     const std::string& why);
  // Takes over what a person found an open or lately closed one to have been.
  void TakeMark(const Anomaly& marked);

  const std::vector<Anomaly>& recently_closed() const { return closed_; }
  void ForgetClosedBefore(Time time);
  void RememberClosed(std::vector<Anomaly> closed) { closed_ = std::move(closed); }
  std::vector<Anomaly> open() const;  // newest first
  // Whose open anomaly somebody marked as real: no baseline learns while it goes on.
  std::set<EntityKey> OpenAndReal() const;
  const std::map<CounterKey, std::uint64_t>& opened_total() const { return opened_total_; }

 private:
  using Subject = std::tuple<EntityKey, AnomalyKind, std::string, std::string>;
  struct Episode {
    Anomaly anomaly;
    int quiet = 0;
    std::optional<size_t> collector = std::nullopt;  // of a fact, once seen since the start
  };
  using Episodes = std::map<Subject, Episode>;
  static Subject SubjectOf(const Anomaly& a) { return {a.key, a.kind, a.fact, a.object}; }
  Episode& Open(Anomaly anomaly);
  // Closes after enough quiet; returns whether it did.
  bool Quiet(Episodes::iterator it, Time time, int close_after);
  void Close(Episodes::iterator it, Time time);
  std::optional<Anomaly> SeeFact(Time time, const TrackedFact& tracked, bool gated);

  const TrackerOptions options_;
  Episodes episodes_;
  std::vector<Anomaly> closed_;
  std::map<CounterKey, std::uint64_t> opened_total_;
  std::int64_t max_id_ = 0;
};

}  // namespace aiops
