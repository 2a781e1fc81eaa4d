// ContainerWatch: from what the engine says at every tick to features and facts, with what must be
// remembered between the ticks.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collect/docker/parse.h"
#include "collect/docker/rules.h"
#include "model/evidence.h"
#include "model/fact.h"

namespace aiops::docker {

struct WatchOptions {
  std::int64_t restart_loop_count = 3;
  Duration restart_loop_window = minutes(10);
};

// Not thread-safe. One tick: Begin, ApplyEvents, ToInspect, Inspected, Judge.
//
// - container_down (critical): IsDown.
// - container_unhealthy (warning): its health check fails.
// - container_restart_loop (critical): at least restart_loop_count restarts within
// restart_loop_window; at
//   first sight, one that is restarting now and was restarted so often already.
// - container_oom_killed (warning): for an hour after it was killed for lack of memory.
class ContainerWatch {
 public:
  explicit ContainerWatch(WatchOptions options) : options_(options) {}

  // Takes the list; forgets containers that are not in it.
  void Begin(std::vector<Container> containers, Time now);
  void ApplyEvents(const std::vector<Event>& events);

  // Which containers to look at closely, at most `limit`: the longest not inspected first, so that
  // with more than that all get their turn. The others are judged by their last inspection.
  std::vector<std::string> ToInspect(size_t limit, bool is_podman);
  void Inspected(const std::string& id, Inspection inspection);

  std::vector<Fact> Judge();
  int unhealthy_count() const;  // IsBad
  int running_count() const;
  size_t never_inspected() const {
    return never_inspected_;
  }  // in need of it at the last ToInspect

  // State changes within the window, the newest first, at most 20.
  Evidence Explain(Window window) const;

  // Until when events were applied; they are asked from there.
  std::optional<Time> events_until;

  // JSON; only containers with a history worth keeping. Corruption if `snapshot` is not such a
  // text.
  std::string Snapshot() const;
  Result<void> Restore(std::string_view snapshot);

 private:
  struct Change {
    Time time;
    std::string text;
  };
  void NoteChange(const Container& container, const Memory& memory);
  void CountRestarts(const Inspection& inspection, Memory& memory) const;
  void NoteOom(const Inspection& inspection, Memory& memory) const;
  void JudgeOne(const Container& container, Memory& memory, std::vector<Fact>& facts) const;
  bool IsLooping(const Container& container, const Memory& memory) const;

  const WatchOptions options_;
  Time now_{};
  std::int64_t tick_ = 0;
  std::vector<Container> containers_;
  std::map<std::string, Memory> memories_;  // by id
  std::deque<Change> changes_;
  size_t never_inspected_ = 0;
};

}  // namespace aiops::docker
