// LogBins: requests counted by the time that the log gives them, until their interval is emitted.
//
// A slot is one second (or the tick's interval if that is shorter), so that a tick may begin and
// end at any second; lines that were old when they were read go into slots of up to a minute, so
// that a week's backlog stays small. A slot is keyed by its end and holds the stamps in
// [end - width, end): most logs have whole seconds, and what is stamped 12:00:00 was written until
// 12:00:00.999.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/time.h"
#include "collect/nginx/client_set.h"
#include "collect/nginx/log_entry.h"

namespace aiops {

inline constexpr Duration kClientWindow = minutes(1);
inline constexpr Duration kMaxFuture = minutes(1);
inline constexpr Duration kMaxPast = hours(24 * 7);

// Sums are exact.
struct BinCounts {
  std::uint64_t requests = 0;
  std::uint64_t errors_4xx = 0;
  std::uint64_t errors_5xx = 0;
  std::uint64_t bytes = 0;
  void Add(const BinCounts& other);
};

struct BinSlot {
  BinCounts counts;
  ClientSet clients;
};

enum class Placement {
  kCounted,
  kCapped,  // counted, but its client was not: the bound on clients is reached
  kLate,    // its interval was emitted before, or it is older than a week
  kFuture,  // more than a minute ahead of the clock: left out, or a wrong clock would fill
            // intervals to come
};

// Not thread-safe.
class LogBins {
 public:
  // At most `max_clients` pairs of slot and client are held.
  explicit LogBins(Duration interval, size_t max_clients = 400'000);

  Placement Add(const LogEntry& entry, std::uint64_t client_hash, Time now);

  // Whole slots only: the last slot's end at or before t.
  Time Floor(Time t) const { return FloorTo(t, slot_); }
  // Of the stamps in [begin, end).
  BinCounts Counts(Time begin, Time end) const;
  // Distinct clients in the minute before `end`.
  size_t Clients(Time end) const;

  // Everything before `end` has been told: later lines for it are late. Client sets stay for a
  // minute more, counts go.
  void CloseThrough(Time end);
  std::optional<Time> closed() const { return closed_; }
  // The end of the oldest slot.
  std::optional<Time> first() const;

  // The clock was set back: what it counted beyond `end` is forgotten, and counting goes on there.
  void Reopen(Time end);

  // For checkpoints. PutSlot refuses (false) beyond the bounds.
  const std::map<std::int64_t, BinSlot>& slots() const { return slots_; }
  bool PutSlot(std::int64_t end_ms, BinSlot slot);
  void SetClosed(std::optional<Time> closed) { closed_ = closed; }

 private:
  std::int64_t SlotEnd(Time t, Time now);

  Duration slot_;
  Duration coarse_;
  size_t max_clients_;
  std::optional<Time> fine_from_;
  std::optional<Time> closed_;
  std::map<std::int64_t, BinSlot> slots_;
  std::int64_t hot_key_ = 0;  // the slot of the last line
  BinSlot* hot_ = nullptr;
  size_t held_clients_ = 0;
};

}  // namespace aiops
