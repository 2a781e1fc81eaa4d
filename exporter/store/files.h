// What the store does with files by name: identity, syncing, setting aside.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace aiops {

// What errno says, in words.
std::string SystemMessage(int number);

// "cannot <doing>: <what errno says>; <what to do>". Unauthorized: may not. Unavailable: the rest.
Error FileError(const std::string& doing, int number);

// Which file a name stands for right now. All zero: none.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};
FileIdentity IdentityOf(const std::string& path);

std::int64_t FileBytes(const std::string& path);  // 0 if it does not exist

// "20261123T030200Z": a time that fits into a file name.
std::string FileStamp(Time t);

Result<void> SyncFile(const std::string& path);
Result<void> Rename(const std::string& from, const std::string& to);

// Makes the folder that will hold `path` (absolute), with its parents (mode 0750). Unauthorized:
// may not.
Result<void> MakeFolderOf(const std::string& path);

// Renames a database with its -wal and -shm to <path>.corrupt-<time>, which is returned. Nothing is
// deleted, and an older one is never overwritten.
Result<std::string> SetAside(const std::string& path, Time now);

}  // namespace aiops
