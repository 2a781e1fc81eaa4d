// HostRates: from monotonic counters at two instants to the numbers per second and percent that
// Prometheus would show for node_exporter's counters on the same machine.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "collect/host/proc_text.h"
#include "model/sample.h"

namespace aiops::host {

// All counters of one instant; an empty set means that its file could not be read.
struct CounterReading {
  std::chrono::steady_clock::time_point at;
  Counters cpu_idle_ticks;
  Counters disk_busy_ms;
  NetworkBytes network;
};

struct Rates {
  double cpu_percent = kMissing;  // 100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"})))
  double disk_io = kMissing;      // 100 * max(rate(node_disk_io_time_seconds_total)), percent
  double network_rx = kMissing;   // bytes/s, sum over devices
  double network_tx = kMissing;
  std::string busiest_disk;  // the one that disk_io is of
};

// Percent and bytes/s over [before.at, after.at]. Only devices that both readings have are counted:
// what a new one did before it was seen is not known. A counter that went backwards (a reset
// device, a wrap) makes its number missing; so do readings that are not `kShortestSpan` apart.
Rates ComputeRates(const CounterReading& before, const CounterReading& after);

// Below this, the kernel's ticks of 10 ms would be most of the number.
inline constexpr std::chrono::milliseconds kShortestSpan{200};

}  // namespace aiops::host
