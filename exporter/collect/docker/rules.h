// What is wrong with a container: pure rules over what the engine says and what was seen of it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"
#include "collect/docker/container.h"

namespace aiops::docker {

// What is remembered of one container between the ticks.
struct Memory {
  std::string state;                // at the last tick
  bool stopped_on_purpose = false;  // by `docker stop` or its like, since its last start
  bool died_unasked = false;        // an event said so, since its last start
  std::optional<std::int64_t> restart_count;
  std::deque<std::pair<Time, std::int64_t>> restarts;  // when how many were noticed
  std::optional<Time> oom_at;
  std::map<std::string, Time> since;     // fact -> its beginning
  std::optional<Inspection> inspection;  // the latest
  std::int64_t inspected_at_tick = -1;
};

// False for what the list alone shows to be fine: up for longer than `window` without a health
// problem, ended with 0, or never started. Podman's list does not tell health.
bool NeedsInspection(const Container& container, Duration window, bool is_podman);

// Whether it is dead, or exited non-zero though its restart policy (always, unless-stopped,
// on-failure) wants it up. These are taken for stopped on purpose: one whose stop was seen in the
// events; exit code 143 (SIGTERM); and, under unless-stopped, 137 (SIGKILL, as at the end of
// `docker stop`) that is neither an out-of-memory kill nor a failed start nor seen to have died by
// itself: the engine restarts what it was not told to stop. So does Podman under each of the three:
// there 137 is an order, and so is any code while it has counted no restart.
bool IsDown(const Container& container, const Memory& memory);

bool IsUnhealthy(const Container& container, const Memory& memory);

// Down, unhealthy or restarting: what container_count_unhealthy counts.
bool IsBad(const Container& container, const Memory& memory);

// Restarts noticed since `from`.
std::int64_t RestartsSince(const Memory& memory, Time from);

// "exited with 137 (killed)".
std::string DescribeExit(const Inspection& inspection);

}  // namespace aiops::docker
