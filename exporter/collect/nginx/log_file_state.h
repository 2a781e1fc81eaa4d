// What a checkpoint keeps of a log file, and the fingerprints by which the file is known again.
#pragma once

#include <cstdint>
#include <string_view>

namespace aiops {

// Length and hash (FNV-1a) of some bytes of a file: always of the decompressed ones.
struct Fingerprint {
  std::uint32_t length = 0;
  std::uint64_t hash = 0;
  bool operator==(const Fingerprint&) const = default;
};
inline constexpr size_t kFingerprintBytes = 1024;

// `bytes`: at most kFingerprintBytes.
inline Fingerprint FingerprintOf(std::string_view bytes) {
  Fingerprint out{static_cast<std::uint32_t>(bytes.size()), 0xcbf29ce484222325ull};
  for (const char c : bytes) {
    out.hash = (out.hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  }
  return out;
}

// Whether a file whose first bytes are `head` may be the one of that fingerprint.
inline bool BeginsAs(std::string_view head, const Fingerprint& fingerprint) {
  return head.size() >= fingerprint.length &&
         FingerprintOf(head.substr(0, fingerprint.length)) == fingerprint;
}

// A file is known by its content, whatever its name: a name says nothing (rotation by rename),
// neither does an inode (copytruncate keeps it, compression changes it, inodes are used again).
struct LogFileState {
  std::uint64_t device = 0;  // device and inode are a hint: they decide between equal fingerprints
  std::uint64_t inode = 0;
  Fingerprint fingerprint;       // of the first bytes, at most kFingerprintBytes
  std::uint64_t offset = 0;      // decompressed: all lines that ended before it were delivered
  Fingerprint before;            // of the bytes before the offset, at most kFingerprintBytes
  bool skipping = false;         // inside a line that is too long
  bool unread = false;           // there was more to be read
  std::int64_t modified_ns = 0;  // the file's last change when it was last looked at
};

}  // namespace aiops
