#include "ctl/log_tally.h"

#include <algorithm>
#include <numeric>

namespace aiops {

void LogTally::Add(const LogEntry& entry) {
  ++valid_;
  bytes_ += entry.bytes;
  ++statuses_[static_cast<size_t>(entry.status)];
  const auto minute = static_cast<std::uint32_t>(UnixMillis(entry.time) / 60'000);
  if (hot_ == nullptr || pin_next_ || hot_->counts.minute != minute) hot_ = &Open(minute);
  MinuteCounts& counts = hot_->counts;
  ++counts.requests;
  counts.bytes += entry.bytes;
  counts.errors_4xx += entry.status >= 400 && entry.status < 500 ? 1 : 0;
  counts.errors_5xx += entry.status >= 500 && entry.status < 600 ? 1 : 0;
  if (entry.client.empty()) return;
  const std::uint64_t client = hash_(entry.client);
  hot_->clients.Insert(client);
  clients_.Insert(client);
}

LogTally::OpenMinute& LogTally::Open(std::uint32_t minute) {
  const auto [at, opened] = open_.try_emplace(minute);
  OpenMinute& open = at->second;
  open.counts.minute = minute;
  open.used = ++uses_;
  if (pin_next_ && !open.pinned && pinned_ < kMaxPinned) {
    open.pinned = true;
    ++pinned_;
  }
  pin_next_ = false;
  if (opened && open_.size() > kMaxOpen + pinned_) {
    const auto oldest = std::min_element(open_.begin(), open_.end(), [](auto& a, auto& b) {
      return std::pair(a.second.pinned, a.second.used) < std::pair(b.second.pinned, b.second.used);
    });
    Close(oldest);
  }
  return open;
}

void LogTally::Close(std::map<std::uint32_t, OpenMinute>::iterator at) {
  MinuteCounts counts = at->second.counts;
  counts.clients = static_cast<std::uint32_t>(at->second.clients.size());
  open_.erase(at);
  if (closed_.size() >= kMaxMinutes + kMaxOpen) Merge();
  if (closed_.size() >= kMaxMinutes) {
    left_out_ += counts.requests;
  } else {
    closed_.push_back(counts);
  }
}

// Brings the closed minutes into order, those that came twice into one.
void LogTally::Merge() {
  const auto earlier = [](const auto& a, const auto& b) { return a.minute < b.minute; };
  if (!std::is_sorted(closed_.begin(), closed_.end(), earlier))
    std::sort(closed_.begin(), closed_.end(), earlier);
  size_t kept = 0;
  for (const MinuteCounts& next : closed_) {
    if (kept > 0 && closed_[kept - 1].minute == next.minute) {
      MinuteCounts& same = closed_[kept - 1];
      same.requests += next.requests;
      same.errors_4xx += next.errors_4xx;
      same.errors_5xx += next.errors_5xx;
      same.clients += next.clients;
      same.bytes += next.bytes;
    } else {
      closed_[kept++] = next;
    }
  }
  closed_.resize(kept);
}

void LogTally::Finish() {
  hot_ = nullptr;
  while (!open_.empty()) Close(open_.begin());
  Merge();
}

std::uint64_t LogTally::bad() const {
  return std::accumulate(faults_.begin(), faults_.end(), std::uint64_t{0});
}

}  // namespace aiops
