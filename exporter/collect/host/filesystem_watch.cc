#include "collect/host/filesystem_watch.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "text/sanitize.h"

namespace aiops::host {
namespace {

constexpr double kFillingFromPercent = 70;
constexpr double kHysteresisPercent = 1;
constexpr double kSecondsPerHour = 3600;

double Share(double used, double available) {
  return used + available > 0 ? 100 * used / (used + available) : 0;
}

std::string Decimal(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Powers of 1000, as `df -H` and the label on the disk.
std::string HumanBytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  return Decimal(bytes, unit > 0 && bytes < 99.5 ? 1 : 0) + " " + kUnits[unit];
}

std::string HumanTime(double seconds_ahead) {
  if (seconds_ahead < kSecondsPerHour)
    return Decimal(std::max(1.0, seconds_ahead / 60), 0) + " min";
  return Decimal(seconds_ahead / kSecondsPerHour, 1) + " h";
}

Fact MakeFact(const char* name, Severity severity, const Mount& mount, Time since) {
  Fact fact;
  fact.name = name;
  fact.severity = severity;
  fact.object = Sanitize(mount.mount_point);
  fact.since = since;
  fact.details = {{"device", Sanitize(mount.source)}, {"type", Sanitize(mount.type)}};
  return fact;
}

void AddUsage(const Usage& usage, Fact& fact) {
  fact.details.emplace_back("percent", Decimal(usage.percent(), 1));
  fact.details.emplace_back("free_bytes", Decimal(usage.available_bytes, 0));
  if (usage.used_inodes + usage.available_inodes > 0)
    fact.details.emplace_back("inodes_percent", Decimal(usage.inodes_percent(), 1));
}

// Keeps when a condition began: sets `since` at its first tick, clears it after its last.
bool Track(bool holds, Time now, std::optional<Time>& since) {
  if (!holds) since.reset();
  if (holds && !since) since = now;
  return holds;
}

std::string Under(const std::string& rootfs, const std::string& mount_point) {
  if (rootfs.empty() || rootfs == "/") return mount_point;
  return rootfs + mount_point;
}

}  // namespace

double Usage::percent() const { return Share(used_bytes, available_bytes); }
double Usage::inodes_percent() const { return Share(used_inodes, available_inodes); }

std::string SpaceText(const Usage& usage) {
  return Decimal(usage.percent(), 1) + " % full, " + HumanBytes(usage.available_bytes) + " free";
}

Result<Usage> StatUsage(const std::string& path) {
  struct statvfs stat {};
  if (statvfs(path.c_str(), &stat) != 0)
    return Unavailable("statvfs: " + std::generic_category().message(errno));
  const auto block = static_cast<double>(stat.f_frsize);
  Usage usage;
  usage.used_bytes =
      block * static_cast<double>(stat.f_blocks > stat.f_bfree ? stat.f_blocks - stat.f_bfree : 0);
  usage.available_bytes = block * static_cast<double>(stat.f_bavail);
  usage.used_inodes =
      static_cast<double>(stat.f_files > stat.f_ffree ? stat.f_files - stat.f_ffree : 0);
  usage.available_inodes = stat.f_files == 0 ? 0 : static_cast<double>(stat.f_favail);
  return usage;
}

std::vector<Fact> FilesystemWatch::Look(std::string_view mountinfo, std::string_view boot_id,
                                        std::chrono::steady_clock::time_point at, Time now) {
  if (boot_id_ != boot_id) states_.clear();
  boot_id_ = boot_id;
  view_.clear();
  std::vector<Fact> facts;
  std::map<std::string, State> seen;
  for (const auto& mount :
       SelectMounts(ParseMountinfo(mountinfo), options_.ignored_types, kMaxFilesystems)) {
    auto& state = seen[mount.mount_point];
    if (const auto known = states_.find(mount.mount_point); known != states_.end())
      state = std::move(known->second);
    LookAt(mount, state, at, now, facts);
  }
  states_ = std::move(seen);
  return facts;
}

void FilesystemWatch::LookAt(const Mount& mount, State& state,
                             std::chrono::steady_clock::time_point at, Time now,
                             std::vector<Fact>& facts) {
  if (!mount.read_only) state.was_writable = true;
  JudgeReadOnly(mount, state, now, facts);

  FilesystemView view{Sanitize(mount.mount_point), Sanitize(mount.type), std::nullopt};
  const auto answer = options_.stat(Under(options_.rootfs, mount.mount_point));
  if (!answer) ++total_errors_;
  if (answer && answer->size_bytes() > 0) {
    view.usage = state.last_usage = *answer;
    state.trend.Add(at, answer->used_bytes, answer->size_bytes());
  }
  // What cannot be asked is judged by its last answer; an image that was made full and read-only
  // never is.
  if (state.last_usage && state.was_writable) {
    JudgeFull(mount, *state.last_usage, state, now, facts);
    JudgeFilling(mount, *state.last_usage, state, now, facts);
  }
  view_.push_back(std::move(view));
}

void FilesystemWatch::JudgeFull(const Mount& mount, const Usage& usage, State& state, Time now,
                                std::vector<Fact>& facts) const {
  const double bar = options_.full_percent - (state.full_since ? kHysteresisPercent : 0);
  const double inodes = usage.inodes_percent();
  if (!Track(std::max(usage.percent(), inodes) > bar, now, state.full_since)) return;
  auto fact = MakeFact("filesystem_full", Severity::kCritical, mount, *state.full_since);
  if (inodes > usage.percent())
    fact.summary = fact.object + " has used " + Decimal(inodes, 1) + " % of its inodes";
  else
    fact.summary = fact.object + " is " + SpaceText(usage);
  AddUsage(usage, fact);
  facts.push_back(std::move(fact));
}

void FilesystemWatch::JudgeFilling(const Mount& mount, const Usage& usage, State& state, Time now,
                                   std::vector<Fact>& facts) const {
  const auto ahead = state.trend.SecondsUntilFull(usage.available_bytes);
  // After a restart the trend is not known yet: what was filling goes on until the trend says
  // otherwise.
  const bool filling = state.trend.Ready()
                           ? ahead && *ahead < options_.filling_hours * kSecondsPerHour
                           : state.filling_since.has_value();
  if (!Track(filling && usage.percent() > kFillingFromPercent, now, state.filling_since)) return;
  auto fact = MakeFact("filesystem_filling", Severity::kWarning, mount, *state.filling_since);
  fact.summary = fact.object +
                 (ahead ? " will be full in " + HumanTime(*ahead) : " is filling up") +
                 " at the present speed: " + SpaceText(usage);
  AddUsage(usage, fact);
  if (ahead) fact.details.emplace_back("full_in_seconds", Decimal(*ahead, 0));
  facts.push_back(std::move(fact));
}

void FilesystemWatch::JudgeReadOnly(const Mount& mount, State& state, Time now,
                                    std::vector<Fact>& facts) const {
  if (!Track(mount.read_only && state.was_writable, now, state.read_only_since)) return;
  auto fact = MakeFact("filesystem_readonly", Severity::kCritical, mount, *state.read_only_since);
  fact.summary = fact.object + " has become read-only";
  facts.push_back(std::move(fact));
}

}  // namespace aiops::host
