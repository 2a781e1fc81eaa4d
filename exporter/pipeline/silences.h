// Silences: the maintenance windows and mutes, and what they do to samples and facts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/silence.h"
#include "store/store.h"

namespace aiops {

// Owned by the detect thread. What is to be stored goes into `changes`.
class Silences {
 public:
  // Kept; those that ended for a month, the oldest of them only while there is room.
  static constexpr size_t kMost = 1000;

  void Restore(std::vector<Silence> stored);

  // Gives it an id. One that begins in the past marks the samples stored since. InvalidArgument:
  // there are too many.
  Result<Silence> Add(Silence silence, Time now, Changes& changes);
  // Ends it now, or before it began. One that has ended is taken back: the samples of its time
  // lose its mark. nullopt: there is none of that kind and id.
  struct Ended {
    Silence silence;
    bool taken_back = false;
  };
  std::optional<Ended> End(SilenceKind kind, std::int64_t id, Time now, Changes& changes);

  // Bits kMaintenance and kMuted of a sample of that time.
  std::uint32_t FlagsAt(const EntityKey& key, Time time) const;
  // In force or to come, by id.
  std::vector<Silence> Pending(Time now) const;
  // Those that have ended and were not taken back, by id.
  std::vector<Silence> Past(Time now) const;
  // Forgets those that ended so long ago that no sample of their time comes any more.
  void Forget(Time now);
  const std::vector<Silence>& all() const { return silences_; }

 private:
  void MakeRoom(Time now);
  void Unmark(const Silence& silence, Changes& changes) const;

  std::vector<Silence> silences_;  // by id
  std::int64_t max_id_ = 0;
};

}  // namespace aiops
