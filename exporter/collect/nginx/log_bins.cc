#include "collect/nginx/log_bins.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace aiops {
namespace {

constexpr size_t kMaxSlots = 200'000;

Duration Gcd(Duration a, Duration b) { return Duration(std::gcd(a.count(), b.count())); }

}  // namespace

void BinCounts::Add(const BinCounts& other) {
  requests += other.requests;
  errors_4xx += other.errors_4xx;
  errors_5xx += other.errors_5xx;
  bytes += other.bytes;
}

LogBins::LogBins(Duration interval, size_t max_clients)
    : slot_(std::max(Gcd(interval, seconds(1)), Duration(100))),
      coarse_(std::max(Gcd(interval, kClientWindow), slot_)),
      max_clients_(max_clients) {}

std::int64_t LogBins::SlotEnd(Time t, Time now) {
  // Fixed once, on the coarse grid, so that fine and coarse slots never overlap.
  if (!fine_from_) fine_from_ = FloorTo(now, coarse_) - 2 * (coarse_ + kClientWindow);
  const Duration width = t < *fine_from_ ? coarse_ : slot_;
  return UnixMillis(FloorTo(t, width) + width);
}

Placement LogBins::Add(const LogEntry& entry, std::uint64_t client_hash, Time now) {
  if (entry.time > now + kMaxFuture) return Placement::kFuture;
  if (entry.time < now - kMaxPast) return Placement::kLate;
  const std::int64_t key = SlotEnd(entry.time, now);
  if (closed_ && key <= UnixMillis(*closed_)) return Placement::kLate;
  if (hot_ == nullptr || key != hot_key_) {
    hot_ = &slots_[key];
    hot_key_ = key;
  }
  const bool client_error = entry.status >= 400 && entry.status < 500;
  const bool server_error = entry.status >= 500 && entry.status < 600;
  hot_->counts.Add({1, client_error, server_error, entry.bytes});
  if (entry.client.empty()) return Placement::kCounted;
  if (held_clients_ >= max_clients_) return Placement::kCapped;
  held_clients_ += hot_->clients.Insert(client_hash);
  return Placement::kCounted;
}

BinCounts LogBins::Counts(Time begin, Time end) const {
  BinCounts out;
  const auto last = slots_.upper_bound(UnixMillis(end));
  for (auto it = slots_.upper_bound(UnixMillis(begin)); it != last; ++it)
    out.Add(it->second.counts);
  return out;
}

size_t LogBins::Clients(Time end) const {
  auto it = slots_.upper_bound(UnixMillis(end - kClientWindow));
  const auto last = slots_.upper_bound(UnixMillis(end));
  if (it == last) return 0;
  if (std::next(it) == last) return it->second.clients.size();
  ClientSet all;
  for (; it != last; ++it) all.Merge(it->second.clients);
  return all.size();
}

void LogBins::CloseThrough(Time end) {
  closed_ = end;
  hot_ = nullptr;
  while (!slots_.empty() && slots_.begin()->first <= UnixMillis(end - kClientWindow)) {
    held_clients_ -= slots_.begin()->second.clients.size();
    slots_.erase(slots_.begin());
  }
  for (auto it = slots_.begin(); it != slots_.end() && it->first <= UnixMillis(end); ++it) {
    it->second.counts = {};
  }
}

void LogBins::Reopen(Time end) {
  closed_ = end;
  hot_ = nullptr;
  fine_from_.reset();
  const auto beyond = slots_.upper_bound(UnixMillis(end));
  for (auto it = beyond; it != slots_.end(); ++it) held_clients_ -= it->second.clients.size();
  slots_.erase(beyond, slots_.end());
}

std::optional<Time> LogBins::first() const {
  if (slots_.empty()) return std::nullopt;
  return FromUnixMillis(slots_.begin()->first);
}

bool LogBins::PutSlot(std::int64_t end_ms, BinSlot slot) {
  if (slots_.size() >= kMaxSlots || held_clients_ + slot.clients.size() > max_clients_)
    return false;
  held_clients_ += slot.clients.size();
  return slots_.emplace(end_ms, std::move(slot)).second;
}

}  // namespace aiops
