// A log and the rotated files beside it, or beside the file that it links to: access.log.1,
// access.log-20261123, access-20261123.log, access.log.2.gz, ...
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiops {

enum class Compression { kNone, kGzip, kOther };  // kOther: .bz2, .xz, .zst

struct Sibling {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;  // on the disk
  std::int64_t modified_ns = 0;
  Compression compression = Compression::kNone;
};

// Oldest first: by falling number or rising date in the name; the log itself last. Read again until
// two readings agree, because the directory may change underneath. A compressed file beside its
// original is left out: the compression is under way, or failed. At most the newest 1,000.
std::vector<Sibling> ListSeries(const std::string& path);

// Whether the same files bear the same names.
bool SameFiles(const std::vector<Sibling>& a, const std::vector<Sibling>& b);

// Whether `path` has the name of a rotated file: what a pattern like access.log* must not follow
// twice.
bool HasRotatedName(std::string_view path);

}  // namespace aiops
