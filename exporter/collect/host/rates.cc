#include "collect/host/rates.h"

#include <algorithm>
#include <cmath>

namespace aiops::host {
namespace {

constexpr double kTicksPerSecond = 100;  // USER_HZ, fixed by the kernel's interface
// The kernel rounds idle time in a way that lets it step back a little on a busy machine.
// node_exporter draws the same line between that and a reset.
constexpr double kIdleJitterTicks = 3 * kTicksPerSecond;

struct Delta {
  std::string_view device;
  double by = 0;
};

// How far each counter went; nothing if there is no common device or one fell by more than
// `tolerated`.
std::optional<std::vector<Delta>> Deltas(const Counters& before, const Counters& after,
                                         double tolerated = 0) {
  std::vector<Delta> deltas;
  for (const auto& [device, value] : after) {
    const auto old = before.find(device);
    if (old == before.end()) continue;
    const bool fell = value < old->second;
    const auto distance = static_cast<double>(fell ? old->second - value : value - old->second);
    if (fell && distance > tolerated) return std::nullopt;
    deltas.push_back({device, fell ? 0 : distance});
  }
  if (deltas.empty()) return std::nullopt;
  return deltas;
}

double Percent(double share) { return 100 * std::clamp(share, 0.0, 1.0); }

double CpuPercent(const Counters& before, const Counters& after, double span_seconds) {
  const auto deltas = Deltas(before, after, kIdleJitterTicks);
  if (!deltas) return kMissing;
  double idle_seconds = 0;
  for (const auto& delta : *deltas) idle_seconds += delta.by / kTicksPerSecond;
  return Percent(1 - idle_seconds / span_seconds / static_cast<double>(deltas->size()));
}

double BytesPerSecond(const Counters& before, const Counters& after, double span_seconds) {
  const auto deltas = Deltas(before, after);
  if (!deltas) return kMissing;
  double bytes = 0;
  for (const auto& delta : *deltas) bytes += delta.by;
  return bytes / span_seconds;
}

void SetDisk(const Counters& before, const Counters& after, double span_seconds, Rates& rates) {
  const auto deltas = Deltas(before, after);
  if (!deltas) return;
  const auto busiest = std::max_element(deltas->begin(), deltas->end(),
                                        [](const Delta& a, const Delta& b) { return a.by < b.by; });
  rates.disk_io = Percent(busiest->by / 1e3 / span_seconds);
  rates.busiest_disk = busiest->device;
}

}  // namespace

Rates ComputeRates(const CounterReading& before, const CounterReading& after) {
  Rates rates;
  if (after.at - before.at < kShortestSpan) return rates;
  const double span = std::chrono::duration<double>(after.at - before.at).count();
  rates.cpu_percent = CpuPercent(before.cpu_idle_ticks, after.cpu_idle_ticks, span);
  SetDisk(before.disk_busy_ms, after.disk_busy_ms, span, rates);
  rates.network_rx = BytesPerSecond(before.network.received, after.network.received, span);
  rates.network_tx = BytesPerSecond(before.network.transmitted, after.network.transmitted, span);
  return rates;
}

}  // namespace aiops::host
