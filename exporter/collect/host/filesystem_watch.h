// FilesystemWatch: the facts filesystem_full, filesystem_filling and filesystem_readonly.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collect/host/filling.h"
#include "collect/host/mounts.h"
#include "model/fact.h"

namespace aiops::host {

// How full one file system is, as `df` counts: what only root may use is neither used nor free.
struct Usage {
  double used_bytes = 0;
  double available_bytes = 0;
  double used_inodes = 0;  // both 0 where the file system has no fixed number of them
  double available_inodes = 0;
  double size_bytes() const { return used_bytes + available_bytes; }
  double percent() const;
  double inodes_percent() const;
};

// "96.2 % full, 12 GB free".
std::string SpaceText(const Usage& usage);

// statvfs(2). Errors: what the system said.
Result<Usage> StatUsage(const std::string& path);

struct FilesystemOptions {
  std::string rootfs = "/";  // where the mount points of mountinfo are found from here
  std::vector<std::string> ignored_types;
  double full_percent = 95;
  double filling_hours = 4;
  std::function<Result<Usage>(const std::string& path)> stat = StatUsage;
};

// One file system after the last Look().
struct FilesystemView {
  std::string mount_point;  // sanitised
  std::string type;
  std::optional<Usage> usage;  // absent: it could not be asked
};

// Not thread-safe.
//
// - filesystem_full: use (of bytes or of inodes) above full_percent; ends one point lower, so that
// a file
//   system at the line is one episode. Not for one that was read-only from the start.
// - filesystem_filling: above 70 %, and full within filling_hours at its speed (FillingTrend).
// - filesystem_readonly: read-only now, but was writable since the machine started.
class FilesystemWatch {
 public:
  explicit FilesystemWatch(FilesystemOptions options) : options_(std::move(options)) {}

  // One tick: asks every selected file system once. boot_id tells boots apart; of another boot,
  // nothing is remembered.
  std::vector<Fact> Look(std::string_view mountinfo, std::string_view boot_id,
                         std::chrono::steady_clock::time_point at, Time now);

  const std::vector<FilesystemView>& view() const { return view_; }
  // How often a file system could not be asked, since the start.
  double total_errors() const { return total_errors_; }

  // What is remembered of every file system, as text; the trend begins anew.
  std::string Snapshot() const;
  Result<void> Restore(std::string_view snapshot);

 private:
  static constexpr size_t kMaxFilesystems = 256;
  struct State {
    bool was_writable = false;
    std::optional<Time> full_since, filling_since, read_only_since;
    std::optional<Usage> last_usage;
    FillingTrend trend;
  };
  void LookAt(const Mount& mount, State& state, std::chrono::steady_clock::time_point at, Time now,
              std::vector<Fact>& facts);
  void JudgeFull(const Mount& mount, const Usage& usage, State& state, Time now,
                 std::vector<Fact>& facts) const;
  void JudgeFilling(const Mount& mount, const Usage& usage, State& state, Time now,
                    std::vector<Fact>& facts) const;
  void JudgeReadOnly(const Mount& mount, State& state, Time now, std::vector<Fact>& facts) const;

  // One line of a snapshot; false if it is damaged.
  static bool RestoreLine(std::string_view line, std::map<std::string, State>& states);

  FilesystemOptions options_;
  std::string boot_id_;
  std::map<std::string, State> states_;  // by mount point, raw
  std::vector<FilesystemView> view_;
  double total_errors_ = 0;
};

}  // namespace aiops::host
