#include "collect/nginx/log_evidence.h"

#include <algorithm>

namespace aiops {
namespace {

constexpr Duration kMinute = minutes(1);

size_t MethodIndex(std::string_view method) {
  return static_cast<size_t>(std::find(kMethods.begin(), kMethods.end() - 1, method) -
                             kMethods.begin());
}

void AddCounters(const SpaceSaving& sketch, std::map<std::string, RequestCounts>& out) {
  for (const auto& counter : sketch.counters()) {
    RequestCounts& counts = out[counter.key];
    counts.requests += counter.count - counter.error;
    counts.errors_4xx += counter.errors_4xx;
    counts.errors_5xx += counter.errors_5xx;
    counts.exact = counts.exact && counter.error == 0;
  }
}

template <size_t N>
void AddArray(const std::array<std::uint64_t, N>& from, std::array<std::uint64_t, N>& to) {
  for (size_t i = 0; i < N; ++i) to[i] += from[i];
}

}  // namespace

// Minutes of a clock that was set back go, too: they would stay for as long as it was set back.
LogEvidence::Minute& LogEvidence::MinuteOf(Time t, Time now) {
  if (hot_ != nullptr && t >= hot_begin_ && t < hot_begin_ + kMinute) return *hot_;
  std::erase_if(minutes_, [&](const auto& minute) {
    return minute.first + kMinute <= now - kKept || minute.first > now + kMinute;
  });
  hot_begin_ = FloorTo(t, kMinute);
  hot_ = &minutes_[hot_begin_];
  return *hot_;
}

void LogEvidence::Add(const LogEntry& entry, Time now) {
  if (entry.time < now - kKept || entry.time > now + kMinute) return;
  if (!since_ || entry.time < *since_) since_ = entry.time;
  Minute& minute = MinuteOf(entry.time, now);
  ++minute.all.requests;
  if (entry.status >= 400 && entry.status < 500) ++minute.all.errors_4xx;
  if (entry.status >= 500 && entry.status < 600) ++minute.all.errors_5xx;
  minute.paths.Add(template_.Of(entry.path), entry.status);
  minute.networks.Add(network_.Of(entry.client), entry.status);
  ++minute.agents[static_cast<size_t>(families_.Of(entry.user_agent))];
  ++minute.methods[MethodIndex(entry.method)];
  minute.request_times.Add(entry.request_seconds);
}

RequestSummary LogEvidence::Summarize(Window window) const {
  RequestSummary out;
  for (auto it = minutes_.lower_bound(FloorTo(window.from, kMinute));
       it != minutes_.end() && it->first < window.to; ++it) {
    const Minute& minute = it->second;
    out.all.requests += minute.all.requests;
    out.all.errors_4xx += minute.all.errors_4xx;
    out.all.errors_5xx += minute.all.errors_5xx;
    AddCounters(minute.paths, out.paths);
    AddCounters(minute.networks, out.networks);
    AddArray(minute.agents, out.agents);
    AddArray(minute.methods, out.methods);
    out.request_times.Merge(minute.request_times);
  }
  return out;
}

}  // namespace aiops
