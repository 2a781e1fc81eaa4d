// Which file systems there are, from /proc/<pid>/mountinfo, and which of them may be asked how full
// they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aiops::host {

struct Mount {
  std::string device;       // "8:1", as the kernel numbers it
  std::string root;         // the part of the file system that is mounted: "/" unless a bind mount
  std::string mount_point;  // octal escapes decoded; any bytes
  std::string type;         // "ext4"
  std::string source;       // "/dev/sda1"
  bool read_only = false;   // the mount or its file system
};

// Malformed lines are skipped. Octal escapes are decoded.
std::vector<Mount> ParseMountinfo(std::string_view mountinfo);

// Whether statvfs(2) on it cannot wait for a network or for another process: a block device under
// /dev or a pooled local file system (zfs, btrfs, bcachefs, tmpfs), and never nfs, cifs, 9p,
// virtiofs, autofs, fuse.* and their like. fuseblk (ntfs-3g) counts as local.
bool IsLocal(const Mount& mount);

// The local mounts whose type matches none of `ignored_types`: what lies under a later mount on the
// same point is dropped, and of several mounts of one device the one that shows the whole of it
// stays, or else the one with the shortest mount point. In the order of mount points, at most
// `limit`.
std::vector<Mount> SelectMounts(std::vector<Mount> mounts,
                                const std::vector<std::string>& ignored_types, size_t limit);

}  // namespace aiops::host
