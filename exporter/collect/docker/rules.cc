#include "collect/docker/rules.h"

#include <algorithm>
#include <string_view>

namespace aiops::docker {
namespace {

constexpr int kExitSigkill = 128 + 9;
constexpr int kExitSigterm = 128 + 15;

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "Up 12 minutes", "Up About an hour", "Up 3 days (healthy)".
bool IsUpLongerThan(std::string_view status, Duration window) {
  if (!status.starts_with("Up ")) return false;
  status.remove_prefix(3);
  for (const auto unit : {"hour", "day", "week", "month", "year"})
    if (Contains(status, unit)) return window < hours(1);
  if (!Contains(status, " minutes")) return false;
  int count = 0;
  for (const char c : status.substr(0, 4)) {
    if (c < '0' || c > '9') break;
    count = count * 10 + (c - '0');
  }
  return minutes(count) > window;
}

bool WantsUp(const std::string& policy) {
  return policy == "always" || policy == "unless-stopped" || policy == "on-failure";
}

bool LooksToldToStop(const Inspection& seen) {
  // Podman counts a restart before it tries it; a start by hand counts anew.
  if (seen.podman && seen.restart_count == 0) return true;
  return seen.exit_code == kExitSigkill && (seen.podman || seen.restart_policy == "unless-stopped");
}

}  // namespace

bool NeedsInspection(const Container& container, Duration window, bool is_podman) {
  const auto& status = container.status;
  if (container.state == "created") return false;
  if (container.state == "exited") return !status.starts_with("Exited (0)");
  if (container.state != "running" || is_podman) return true;
  return Contains(status, "(unhealthy)") || !IsUpLongerThan(status, window);
}

bool IsDown(const Container& container, const Memory& memory) {
  if (container.state == "dead") return true;
  if (container.state != "exited" || !memory.inspection) return false;
  const auto& seen = *memory.inspection;
  if (seen.exit_code == 0 || !WantsUp(seen.restart_policy)) return false;
  if (memory.stopped_on_purpose || seen.exit_code == kExitSigterm) return false;
  const bool own_death = seen.oom_killed || !seen.error.empty() || memory.died_unasked;
  return own_death || !LooksToldToStop(seen);
}

bool IsUnhealthy(const Container& container, const Memory& memory) {
  if (container.state != "running") return false;
  return Contains(container.status, "(unhealthy)") ||
         (memory.inspection && memory.inspection->health == "unhealthy");
}

bool IsBad(const Container& container, const Memory& memory) {
  return container.state == "restarting" || IsUnhealthy(container, memory) ||
         IsDown(container, memory);
}

std::int64_t RestartsSince(const Memory& memory, Time from) {
  std::int64_t restarts = 0;
  for (const auto& [at, count] : memory.restarts)
    if (at > from) restarts += count;
  return restarts;
}

std::string DescribeExit(const Inspection& inspection) {
  auto text = "exited with " + std::to_string(inspection.exit_code);
  if (inspection.oom_killed) return text + " (killed for lack of memory)";
  if (inspection.exit_code == kExitSigkill) return text + " (killed)";
  if (inspection.exit_code == 127) return text + " (command not found)";
  return text;
}

}  // namespace aiops::docker
