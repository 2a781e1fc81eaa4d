// LogBins: requests counted by the time that the log gives them, until their interval is emitted.
//
// A slot is one second (or the tick's interval if that is shorter), so that a tick may begin and
// end at any second; lines that were old when they were read go into slots of up to a minute, so
// that a week's backlog stays small. A slot is keyed by its end and holds the stamps in
// [end - width, end): most logs have whole seconds, and what is stamped 12:00:00 was written until
// 12:00:00.999.
//
// Memory is bounded whatever strangers send. Counts are exact. Sets of clients and request times
// are as exact as kMaxSketchBytes allow, for all slots together: that is enough for two minutes of
// one-second slots that each saw more clients than are counted exactly (16 KiB each). Beyond it
// (a week's backlog of an attack), the largest of them lose precision, step by step, until all have
// the same size; with 10,000 minutes of more clients each than there is room for, that is 512
// bytes and a standard error of 4.6 %. Of more than kMaxTallies pairs of slot and site the oldest
// are given up: first those of the sites, then whole slots, whose lines are late from then on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/time.h"
#include "collect/nginx/log_entry.h"
#include "collect/nginx/site_table.h"
#include "collect/nginx/tally.h"

namespace aiops {

inline constexpr Duration kClientWindow = minutes(1);
inline constexpr Duration kMaxFuture = minutes(1);
inline constexpr Duration kMaxPast = hours(24 * 7);

struct BinSlot {
  Tally all;
  std::map<SiteId, Tally> sites;  // only while entities are made of sites
};

enum class Placement {
  kCounted,
  kLate,    // its interval was emitted before, or it is older than a week
  kFuture,  // more than a minute ahead of the clock: left out, or a wrong clock would fill
            // intervals to come
};

struct BinBounds {
  size_t tallies = 40'000;
  size_t sketch_bytes = size_t{8} << 20;
  Duration past = kMaxPast;  // older lines are late
};

// Not thread-safe. Where a site may be given, none means all requests.
class LogBins {
 public:
  using Slots = std::map<std::int64_t, BinSlot>;

  explicit LogBins(Duration interval, BinBounds bounds = {});

  Placement Add(const LogEntry& entry, std::uint64_t client_hash, Time now);
  // The entry that Add has just counted belongs to this site.
  void AddToSite(SiteId site, const LogEntry& entry, std::uint64_t client_hash);

  // Whole slots only: the last slot's end at or before t.
  Time Floor(Time t) const { return FloorTo(t, slot_); }
  // Of the stamps in [begin, end).
  BinCounts Counts(Time begin, Time end, std::optional<SiteId> site = std::nullopt) const;
  RequestTimes Times(Time begin, Time end, std::optional<SiteId> site = std::nullopt) const;
  // Distinct clients in the minute before `end`.
  size_t Clients(Time end, std::optional<SiteId> site = std::nullopt) const;
  // Before this, the tallies of sites were given up: what is left tells too little.
  std::optional<Time> sites_from() const { return sites_from_; }

  // Everything before `end` has been told: later lines for it are late. Client sets stay for a
  // minute more, the rest goes.
  void CloseThrough(Time end);
  std::optional<Time> closed() const { return closed_; }
  // The end of the oldest slot.
  std::optional<Time> first() const;

  // The clock was set back: what it counted beyond `end` is forgotten, and counting goes on there.
  void Reopen(Time end);

  // For checkpoints. PutSlot refuses (false) beyond the bounds.
  const Slots& slots() const { return slots_; }
  bool PutSlot(std::int64_t end_ms, BinSlot slot);
  void SetClosed(std::optional<Time> closed) { closed_ = closed; }
  void SetSitesFrom(std::optional<Time> from) { sites_from_ = from; }

  // How often a sketch lost precision, and a tally was given up, for want of memory.
  std::uint64_t coarsened() const { return coarsened_; }
  std::uint64_t given_up() const { return given_up_; }
  size_t sketch_bytes() const { return sketch_bytes_; }

 private:
  bool IsHot(Time t) const;
  // False if the slot of that time was told.
  bool MakeHot(Time t, Time now);
  void AddTo(Tally& tally, const LogEntry& entry, std::uint64_t client_hash);
  void Measure();
  void Include(const BinSlot& slot);
  void KeepBounds();
  void CoarsenLargest();
  void GiveUpOldest();
  void GiveUpOldestSites();

  Duration slot_;
  Duration coarse_;
  BinBounds bounds_;
  std::optional<Time> fine_from_;
  std::optional<Time> closed_;
  std::optional<Time> sites_from_;
  Slots slots_;
  BinSlot* hot_ = nullptr;  // the slot of the last line
  Time hot_begin_;
  std::int64_t hot_end_ = 0;
  size_t tallies_ = 0;  // those of sites too
  size_t site_tallies_ = 0;
  size_t sketch_bytes_ = 0;
  std::uint64_t coarsened_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace aiops
