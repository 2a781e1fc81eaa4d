// The texts of /proc, cut into what the host collector needs. Pure functions over hostile text: a
// line that is cut, malformed or out of range is skipped, never guessed. A last line without a
// newline counts as cut.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aiops::host {

// At most max_bytes of a file whose size is not known beforehand, as all of /proc. Longer is an
// error: NotFound, Unauthorized or Unavailable with the path and what the system said.
Result<std::string> ReadProcFile(const std::string& path, size_t max_bytes = 4u << 20);

// The blank-separated words of a line.
std::vector<std::string_view> Words(std::string_view line);

// Calls for every whole line, without its newline.
void ForEachLine(std::string_view text, const std::function<void(std::string_view)>& visit);

// A whole unsigned decimal number.
std::optional<std::uint64_t> ParseCount(std::string_view text);

// A monotonic counter per device.
using Counters = std::map<std::string, std::uint64_t, std::less<>>;

// /proc/stat: idle time by processor ("cpu0"), in ticks of 1/100 s. The sum line "cpu" is left out.
Counters ParseCpuIdle(std::string_view stat);

// /proc/diskstats: milliseconds spent doing I/O, by device; those of IsWholeDisk only.
Counters ParseDiskBusy(std::string_view diskstats);

// The devices that node_exporter's diskstats collector shows by default: everything but ram, zram,
// loop and floppy devices and partitions of hd*, sd*, vd*, xvd* and nvme*.
bool IsWholeDisk(std::string_view device);

struct NetworkBytes {
  Counters received;
  Counters transmitted;
};
// /proc/net/dev, all devices.
NetworkBytes ParseNetworkBytes(std::string_view net_dev);

// /proc/meminfo: 100 * (1 - MemAvailable / MemTotal); nothing if either is absent or nonsense.
std::optional<double> ParseMemoryPercent(std::string_view meminfo);

}  // namespace aiops::host
