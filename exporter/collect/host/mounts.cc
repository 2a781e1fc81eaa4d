#include "collect/host/mounts.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "collect/glob.h"
#include "collect/host/proc_text.h"

namespace aiops::host {
namespace {

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// "\040" -> " ": how the kernel writes blanks, newlines and backslashes.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && IsOctal(text[i + 1]) &&
                        IsOctal(text[i + 2]) && IsOctal(text[i + 3]);
    if (!escape) {
      out += text[i];
      continue;
    }
    const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    out += static_cast<char>(code);
    i += 3;
  }
  return out;
}

bool HasOption(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const auto end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == wanted) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

// id parent major:minor root mount_point options [optional...] - type source super_options
std::optional<Mount> ParseLine(std::string_view line) {
  const auto words = Words(line);
  const auto dash = std::find(words.begin(), words.end(), "-");
  if (dash - words.begin() < 6 || words.end() - dash < 4) return std::nullopt;
  if (words[2].find(':') == std::string_view::npos || !words[4].starts_with('/'))
    return std::nullopt;
  Mount mount;
  mount.device = words[2];
  mount.root = Unescape(words[3]);
  mount.mount_point = Unescape(words[4]);
  mount.type = dash[1];
  mount.source = Unescape(dash[2]);
  mount.read_only = HasOption(words[5], "ro") || HasOption(dash[3], "ro");
  // A file name cannot hold one, and the system calls would stop there.
  if (mount.mount_point.find('\0') != std::string::npos) return std::nullopt;
  return mount;
}

const std::vector<std::string>& TypesThatMayHang() {
  static const std::vector<std::string> types{
      "nfs*",   "cifs",    "smb*",     "9p",     "ceph",   "glusterfs", "afs",    "lustre",
      "gpfs",   "beegfs*", "orangefs", "davfs*", "coda",   "ncpfs",     "autofs", "virtiofs",
      "vboxsf", "prl_fs",  "drvfs",    "fuse",   "fuse.*", "fusectl",   "ocfs2",  "gfs2"};
  return types;
}

// Greater is the better representative of its device.
auto Preference(const Mount& mount) {
  return std::make_tuple(mount.root == "/", -static_cast<long>(mount.mount_point.size()));
}

}  // namespace

std::vector<Mount> ParseMountinfo(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  ForEachLine(mountinfo, [&](std::string_view line) {
    if (auto mount = ParseLine(line)) mounts.push_back(*std::move(mount));
  });
  return mounts;
}

bool IsLocal(const Mount& mount) {
  if (MatchesAnyGlob(TypesThatMayHang(), mount.type)) return false;
  constexpr std::array<std::string_view, 4> kPooled{"zfs", "btrfs", "bcachefs", "tmpfs"};
  return mount.source.starts_with("/dev/") ||
         std::find(kPooled.begin(), kPooled.end(), mount.type) != kPooled.end();
}

std::vector<Mount> SelectMounts(std::vector<Mount> mounts,
                                const std::vector<std::string>& ignored_types, size_t limit) {
  std::map<std::string, Mount> visible;
  for (auto& mount : mounts) visible.insert_or_assign(mount.mount_point, std::move(mount));

  std::map<std::string, const Mount*> by_device;
  for (const auto& [point, mount] : visible) {
    if (!IsLocal(mount) || MatchesAnyGlob(ignored_types, mount.type)) continue;
    // Datasets of a zfs pool fill up together but have sizes of their own; each has its own number.
    const auto*& chosen = by_device[mount.device];
    if (!chosen || Preference(mount) > Preference(*chosen)) chosen = &mount;
  }
  std::vector<Mount> selected;
  for (const auto& [device, mount] : by_device) selected.push_back(*mount);
  std::sort(selected.begin(), selected.end(),
            [](const Mount& a, const Mount& b) { return a.mount_point < b.mount_point; });
  if (selected.size() > limit) selected.resize(limit);
  return selected;
}

}  // namespace aiops::host
