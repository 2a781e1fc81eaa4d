// The rotated files beside a log: access.log.1, access.log-20261123, access-20261123.log, ...
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiops {

struct Sibling {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  bool compressed = false;  // .gz, .bz2, .xz, .zst
  bool operator==(const Sibling&) const = default;
};

// Oldest first: by falling number or rising date in the name. Read again until two readings agree,
// because the directory may change underneath. At most 1,000.
std::vector<Sibling> ListSiblings(const std::string& path);

// Whether `path` has the name of a rotated file: what a pattern like access.log* must not follow
// twice.
bool HasRotatedName(std::string_view path);

}  // namespace aiops
