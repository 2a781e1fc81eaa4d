// Up to where a container's log was read. An engine has no offsets, only times, which several lines
// may share; so the place is the run of lines that bear the last time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "collect/nginx/log_file_state.h"
#include "collect/nginx/stamped_lines.h"

namespace aiops {

// The last lines with the same time: which, how many, and a hash of all (FNV-1a).
struct LogMark {
  std::int64_t time_ns = 0;
  std::uint64_t count = 0;  // 0: nothing was read, and reading begins at time_ns
  std::uint64_t hash = 0;
  bool operator==(const LogMark&) const = default;

  void Take(const StampedLine& line) {
    if (count == 0 || line.time_ns != time_ns) *this = {line.time_ns, 0, 0};
    ++count;
    hash = hash * 0x100000001b3ull ^ FingerprintOf(line.text).hash;
  }
};

struct ContainerPlace {
  std::string name;
  LogMark mark;
  bool mark_lost = false;  // the engine has the lines of the mark no more: what is later is new
  Time seen;               // when the engine last had the container
};

// What a checkpoint keeps of all containers.
struct ContainerCheckpoint {
  std::optional<Time> listed;                    // when the engine was last asked what it has
  std::map<std::string, ContainerPlace> places;  // by the container's id
  std::map<std::string, std::string> readers;    // LineReader::State by name
};
inline constexpr size_t kMaxContainerPlaces = 1000;

}  // namespace aiops
