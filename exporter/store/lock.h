// FileLock: one process per database.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace aiops {

// Two locks keep others away. One is on <path>.lock, which holds the owner's process id as text;
// that file stays, because removing it would race. The other is on the database itself, for whoever
// removes that file or comes by another name (a hard link). The kernel releases both when the
// process ends, however it ends. Not thread-safe.
class FileLock {
 public:
  FileLock() = default;
  // Unavailable, naming the process that holds it; what else may fail are FileErrors.
  static Result<FileLock> Acquire(const std::string& database);
  // The database itself, which is made if it is not there. Take it before SQLite opens the file and
  // drop it after SQLite closed it: closing any descriptor of a file ends SQLite's own locks on it.
  // This one is far beyond the bytes that SQLite locks.
  static Result<FileLock> AcquireItself(const std::string& database);
  // Whether an error, also one that was wrapped, says that another process holds the lock.
  static bool IsHeld(const Error& error);
  ~FileLock();
  FileLock(FileLock&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
  }

  // Whether the name still stands for the locked file: somebody may have removed the folder.
  bool StillNamed() const;

 private:
  FileLock(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_ = -1;
};

}  // namespace aiops
