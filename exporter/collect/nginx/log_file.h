// LogFile: one open log file, whatever its name is by now, and how far it was read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "collect/nginx/line_splitter.h"

namespace aiops {

// Identity by content: length and hash (FNV-1a) of the first bytes, at most 1 KiB, as far as they
// were read. A name says nothing (rotation by rename), neither does an inode (copytruncate keeps
// it, inodes are used again).
struct Fingerprint {
  std::uint32_t length = 0;
  std::uint64_t hash = 0;
  bool operator==(const Fingerprint&) const = default;
};
inline constexpr size_t kFingerprintBytes = 1024;

// What a checkpoint keeps of a file. `offset`: all lines that ended before it were delivered.
struct LogFileState {
  std::uint64_t device = 0;  // device and inode are a hint: they decide between equal fingerprints
  std::uint64_t inode = 0;
  Fingerprint fingerprint;
  std::uint64_t offset = 0;
  bool skipping = false;  // inside a line that is too long
  std::int64_t modified_ns = 0;
};

enum class ReadOutcome { kEnd, kInterrupted, kTruncated, kFailed };

// What a reader is given for one pass. `go_on` is asked after every chunk.
struct ReadPass {
  std::span<char> buffer;
  LineSink sink;
  std::function<bool()> go_on;
  std::uint64_t bytes_read = 0;
};

// Owns the descriptor. Not thread-safe.
class LogFile {
 public:
  // Follows symlinks; refuses what is no regular file (InvalidArgument) without blocking on a fifo.
  // kUnauthorized if permission is missing, kNotFound if the file is.
  static Result<LogFile> Open(const std::string& path);
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&& other) noexcept;
  ~LogFile();

  // Delivers complete lines up to the present end. A chunk is delivered only if the file still
  // begins with the same bytes after it was read: what a truncation got in between of is never
  // delivered half.
  ReadOutcome Read(ReadPass& pass);

  // Goes on behind `state` (which belongs to this file).
  void Seek(const LogFileState& state);
  // Starts `before_end` bytes before the end, at the beginning of a line. True if it skipped
  // anything.
  bool SeekTail(std::uint64_t before_end);
  // Forgets what was read: the file was truncated. If it still begins as before (it was merely
  // cut), goes on at its new end.
  void Restart();

  // Whether the first bytes are those of `state`, and all that had been read is still there.
  bool Holds(const LogFileState& state) const;
  bool SameInode(std::uint64_t device, std::uint64_t inode) const;
  LogFileState State() const;
  LineSplitter& splitter() { return splitter_; }
  std::uint64_t size() const;
  bool deleted() const;  // no name left

 private:
  explicit LogFile(int fd) : fd_(fd) {}
  bool BeginsWith(const Fingerprint& fingerprint) const;
  void ExtendFingerprint();

  int fd_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  Fingerprint fingerprint_;
  std::uint64_t position_ =
      0;  // of the next read(2); the splitter holds the bytes behind the last newline
  LineSplitter splitter_;
};

}  // namespace aiops
