#include "collect/nginx/log_bins.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace aiops {
namespace {

Duration Gcd(Duration a, Duration b) { return Duration(std::gcd(a.count(), b.count())); }

const Tally* Of(const BinSlot& slot, std::optional<SiteId> site) {
  if (!site) return &slot.all;
  const auto found = slot.sites.find(*site);
  return found == slot.sites.end() ? nullptr : &found->second;
}

template <class Slots, class Visit>
void EachTally(Slots& slots, Visit visit) {
  for (auto& [_, slot] : slots) {
    visit(slot.all);
    for (auto& [site, tally] : slot.sites) visit(tally);
  }
}

size_t BytesOf(const BinSlot& slot) {
  size_t bytes = slot.all.bytes();
  for (const auto& [_, tally] : slot.sites) bytes += tally.bytes();
  return bytes;
}

// Calls visit(tally) for what is known of the stamps in [begin, end).
template <class Visit>
void EachIn(const LogBins::Slots& slots, Time begin, Time end, std::optional<SiteId> site,
            Visit visit) {
  const auto last = slots.upper_bound(UnixMillis(end));
  for (auto it = slots.upper_bound(UnixMillis(begin)); it != last; ++it) {
    if (const Tally* tally = Of(it->second, site)) visit(*tally);
  }
}

}  // namespace

LogBins::LogBins(Duration interval, BinBounds bounds)
    : slot_(std::max(Gcd(interval, seconds(1)), Duration(100))),
      coarse_(std::max(Gcd(interval, kClientWindow), slot_)),
      bounds_(bounds) {}

// Most lines belong to the slot of the line before: no division, no search.
bool LogBins::IsHot(Time t) const {
  return hot_ != nullptr && t >= hot_begin_ && UnixMillis(t) < hot_end_;
}

bool LogBins::MakeHot(Time t, Time now) {
  // Fixed once, on the coarse grid, so that fine and coarse slots never overlap.
  if (!fine_from_) fine_from_ = FloorTo(now, coarse_) - 2 * (coarse_ + kClientWindow);
  const Duration width = t < *fine_from_ ? coarse_ : slot_;
  const Time begin = FloorTo(t, width);
  const std::int64_t end = UnixMillis(begin + width);
  if (closed_ && end <= UnixMillis(*closed_)) return false;
  const auto [slot, fresh] = slots_.try_emplace(end);
  tallies_ += fresh ? 1 : 0;
  hot_ = &slot->second;
  hot_begin_ = begin;
  hot_end_ = end;
  return true;
}

void LogBins::AddTo(Tally& tally, const LogEntry& entry, std::uint64_t client_hash) {
  const size_t before = tally.bytes();
  tally.Add(entry, client_hash);
  sketch_bytes_ += tally.bytes() - before;
}

Placement LogBins::Add(const LogEntry& entry, std::uint64_t client_hash, Time now) {
  if (entry.time > now + kMaxFuture) return Placement::kFuture;
  if (entry.time < now - bounds_.past) return Placement::kLate;
  if (!IsHot(entry.time) && !MakeHot(entry.time, now)) return Placement::kLate;
  AddTo(hot_->all, entry, client_hash);
  KeepBounds();
  return Placement::kCounted;
}

void LogBins::AddToSite(SiteId site, const LogEntry& entry, std::uint64_t client_hash) {
  if (hot_ == nullptr || (sites_from_ && hot_end_ <= UnixMillis(*sites_from_))) return;
  const auto [tally, fresh] = hot_->sites.try_emplace(site);
  tallies_ += fresh ? 1 : 0;
  site_tallies_ += fresh ? 1 : 0;
  AddTo(tally->second, entry, client_hash);
  KeepBounds();
}

void LogBins::Measure() {
  tallies_ = 0;
  site_tallies_ = 0;
  sketch_bytes_ = 0;
  for (const auto& [_, slot] : slots_) Include(slot);
}

void LogBins::Include(const BinSlot& slot) {
  tallies_ += 1 + slot.sites.size();
  site_tallies_ += slot.sites.size();
  sketch_bytes_ += BytesOf(slot);
}

void LogBins::KeepBounds() {
  if (sketch_bytes_ > bounds_.sketch_bytes) CoarsenLargest();
  const auto beyond = [&] {
    return tallies_ > bounds_.tallies || sketch_bytes_ > bounds_.sketch_bytes;
  };
  while (beyond() && !slots_.empty()) GiveUpOldest();
}

// An eighth more than is needed, so that it is not needed again at the next line.
void LogBins::CoarsenLargest() {
  while (sketch_bytes_ > bounds_.sketch_bytes / 8 * 7) {
    size_t largest = 0;
    EachTally(slots_, [&](const Tally& tally) { largest = std::max(largest, tally.largest()); });
    std::uint64_t coarser = 0;
    EachTally(slots_, [&](Tally& tally) { coarser += tally.Coarsen(largest / 2); });
    if (coarser == 0) return;
    coarsened_ += coarser;
    Measure();
  }
}

void LogBins::GiveUpOldest() {
  if (site_tallies_ > 0) {
    GiveUpOldestSites();
    return;
  }
  closed_ = FromUnixMillis(slots_.begin()->first);
  sketch_bytes_ -= BytesOf(slots_.begin()->second);
  --tallies_;
  ++given_up_;
  hot_ = nullptr;
  slots_.erase(slots_.begin());
}

void LogBins::GiveUpOldestSites() {
  const auto after = sites_from_ ? slots_.upper_bound(UnixMillis(*sites_from_)) : slots_.begin();
  const auto oldest = std::find_if(after, slots_.end(),
                                   [](const auto& slot) { return !slot.second.sites.empty(); });
  auto& sites = oldest->second.sites;
  sites_from_ = FromUnixMillis(oldest->first);
  given_up_ += sites.size();
  tallies_ -= sites.size();
  site_tallies_ -= sites.size();
  for (const auto& [_, tally] : sites) sketch_bytes_ -= tally.bytes();
  sites.clear();
}

BinCounts LogBins::Counts(Time begin, Time end, std::optional<SiteId> site) const {
  BinCounts out;
  EachIn(slots_, begin, end, site, [&](const Tally& tally) { out.Add(tally.counts); });
  return out;
}

RequestTimes LogBins::Times(Time begin, Time end, std::optional<SiteId> site) const {
  RequestTimes out;
  EachIn(slots_, begin, end, site, [&](const Tally& tally) {
    out.request.Merge(tally.times.request);
    out.upstream.Merge(tally.times.upstream);
  });
  return out;
}

size_t LogBins::Clients(Time end, std::optional<SiteId> site) const {
  ClientSet clients;
  EachIn(slots_, end - kClientWindow, end, site,
         [&](const Tally& tally) { clients.Merge(tally.clients); });
  return clients.size();
}

void LogBins::CloseThrough(Time end) {
  closed_ = end;
  hot_ = nullptr;
  slots_.erase(slots_.begin(), slots_.upper_bound(UnixMillis(end - kClientWindow)));
  const auto forget = [](Tally& tally) {
    tally.counts = {};
    tally.times = {};
  };
  for (auto it = slots_.begin(); it != slots_.end() && it->first <= UnixMillis(end); ++it) {
    forget(it->second.all);
    for (auto& [_, tally] : it->second.sites) forget(tally);
  }
  Measure();
}

void LogBins::Reopen(Time end) {
  closed_ = end;
  hot_ = nullptr;
  fine_from_.reset();
  sites_from_.reset();
  slots_.erase(slots_.upper_bound(UnixMillis(end)), slots_.end());
  Measure();
}

std::optional<Time> LogBins::first() const {
  if (slots_.empty()) return std::nullopt;
  return FromUnixMillis(slots_.begin()->first);
}

bool LogBins::PutSlot(std::int64_t end_ms, BinSlot slot) {
  const auto [held, fresh] = slots_.try_emplace(end_ms, std::move(slot));
  if (!fresh) return false;
  Include(held->second);
  return tallies_ <= bounds_.tallies && sketch_bytes_ <= bounds_.sketch_bytes;
}

}  // namespace aiops
