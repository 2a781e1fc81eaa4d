// AnomalyTracker: turns verdicts and facts into episodes, and decides nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
};

// Owned by the detect thread. Every call returns the anomalies that it opened or changed: what must
// be stored. An id is given once, in memory, and never used again, whether or not the store takes
// it.
class AnomalyTracker {
 public:
  explicit AnomalyTracker(TrackerOptions options) : options_(options) {}

  // After a restart: the open anomalies and the greatest id ever stored. Nothing is told again.
  void Restore(std::vector<Anomaly> open, std::int64_t max_id);

  // One judged sample. Unknown neither opens nor counts as quiet. `gated`: judged, but no anomaly
  // may open; an open one may close. Samples older than the anomaly's last sight change nothing.
  std::vector<Anomaly> Observe(const Scope& scope, const EntityKey& key, const Labels& labels,
                               Time time, const Score& score, bool gated);

  // All facts that hold at a tick. `unknown(fact)` says that a fact's source did not answer: its
  // anomaly then stays as it is.
  template <class Unknown>
  std::vector<Anomaly> ObserveFacts(Time time, const std::vector<TrackedFact>& facts,
                                    Unknown unknown, bool gated);

  std::optional<Anomaly> Acknowledge(std::int64_t id, Time now, const std::string& by,
                                     const std::string& why);

  const std::vector<Anomaly>& recently_closed() const { return closed_; }
  void ForgetClosedBefore(Time time);
  void RememberClosed(std::vector<Anomaly> closed) { closed_ = std::move(closed); }
  std::vector<Anomaly> open() const;  // newest first
  const std::map<CounterKey, std::uint64_t>& opened_total() const { return opened_total_; }

 private:
  using Subject = std::tuple<EntityKey, AnomalyKind, std::string, std::string>;
  struct Episode {
    Anomaly anomaly;
    int quiet = 0;
  };
  static Subject SubjectOf(const Anomaly& a) { return {a.key, a.kind, a.fact, a.object}; }
  Episode& Open(Anomaly anomaly);
  // Closes after enough quiet; returns whether it did.
  bool Quiet(std::map<Subject, Episode>::iterator it, Time time, int close_after);
  std::optional<Anomaly> SeeFact(Time time, const TrackedFact& tracked, bool gated);

  const TrackerOptions options_;
  std::map<Subject, Episode> episodes_;
  std::vector<Anomaly> closed_;
  std::map<CounterKey, std::uint64_t> opened_total_;
  std::int64_t max_id_ = 0;
};

template <class Unknown>
std::vector<Anomaly> AnomalyTracker::ObserveFacts(Time time, const std::vector<TrackedFact>& facts,
                                                  Unknown unknown, bool gated) {
  std::vector<Anomaly> changed;
  std::map<Subject, bool> seen;
  for (const auto& tracked : facts) {
    seen[{tracked.key, AnomalyKind::kFact, tracked.fact.name, tracked.fact.object}] = true;
    if (auto anomaly = SeeFact(time, tracked, gated)) changed.push_back(std::move(*anomaly));
  }
  for (auto it = episodes_.begin(); it != episodes_.end();) {
    const auto here = it++;
    const Anomaly& a = here->second.anomaly;
    if (a.kind != AnomalyKind::kFact || seen.contains(here->first) || unknown(a.fact)) continue;
    if (Quiet(here, time, options_.fact_close_after)) changed.push_back(closed_.back());
  }
  return changed;
}

}  // namespace aiops
