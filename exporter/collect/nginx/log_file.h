// LogFile: one open log file, plain or gzip, whatever its name is by now, and how far it was read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "collect/nginx/gzip_reader.h"
#include "collect/nginx/line_splitter.h"
#include "collect/nginx/log_file_state.h"

namespace aiops {

enum class ReadOutcome {
  kEnd,
  kInterrupted,
  kTruncated,
  kFailed,
  kChanged,  // it has no beginning by which it was known, and was changed: RenewUnknown()
  kOther,    // a gzip file that turned out not to be what Seek() took it for
};

// What a reader is given for one pass. `go_on` is asked after every chunk.
struct ReadPass {
  std::span<char> buffer;
  LineSink sink;
  std::function<bool()> go_on;
  std::uint64_t bytes_read = 0;
};

// Owns the descriptor. All positions are in decompressed bytes. Not thread-safe.
class LogFile {
 public:
  // Follows symlinks; refuses what is no regular file (InvalidArgument) without blocking on a fifo.
  // kUnauthorized if permission is missing, kNotFound if the file is, kCorruption for a `gzip` file
  // of which not even the beginning can be read.
  static Result<LogFile> Open(const std::string& path, bool gzip = false);
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&& other) noexcept;
  ~LogFile();

  // Delivers complete lines up to the present end. A chunk is delivered only if the file still
  // begins with the same bytes after it was read, and if it follows on those that were read before:
  // what a truncation got in between of is never delivered half.
  ReadOutcome Read(ReadPass& pass);

  // Goes on behind `state`, which this file Holds(). A gzip file is read up to there first, without
  // delivering, which may take several passes; then it is known whether it is the same.
  void Seek(const LogFileState& state);
  // Starts `before_end` bytes before the end, at the beginning of a line. True if it skipped
  // anything.
  bool SeekTail(std::uint64_t before_end);
  // Forgets what was read: the file was truncated. Its new end if it still begins as before: then
  // it may merely have been cut.
  std::optional<std::uint64_t> Restart();
  // Goes on at the `end` that Restart() told.
  void SkipTo(std::uint64_t end) { GoTo(end); }
  // Whether both begin with the same lines, or this one holds nothing else yet.
  bool HasLinesOf(const LogFile& other) const;
  // Goes on behind what it has in common with `old`, of which it is a copy that was changed since:
  // behind all that was read of `old`, or where both part. False, with nothing done, if they have
  // no whole line in common. Both are plain.
  bool GoOnBehind(const LogFile& old);
  // Both for a file that was read up to `state` by another process.
  void RestartAfter(const LogFileState& state);

  // Whether this may be the file that was read up to `state`: its first bytes, and those before the
  // offset. Of a gzip file only the first are looked at.
  bool Holds(const LogFileState& state) const;
  // Whether it begins with all that `other` holds now. False if that is nothing, or compressed.
  bool HoldsAllOf(const LogFile& other) const;
  // Whether both began alike when they were last looked at: false proves that none is a copy.
  bool BeganAs(const LogFile& other) const;
  bool SameInode(std::uint64_t device, std::uint64_t inode) const;
  LogFileState State() const;
  // The first bytes, decompressed, when they were last looked at: at most kFingerprintBytes.
  std::string_view head() const { return head_; }
  // What the file is known by as it is now, whatever was read of it: offset 0.
  LogFileState Identity() const;
  bool compressed() const { return gzip_ != nullptr; }
  LineSplitter& splitter() { return splitter_; }
  // Whether any line was delivered, here or before a restart.
  bool begun() const { return awaited_ || position_ > splitter_.held(); }
  // Whether it had no beginning by which it could be known when it was last looked at (a whole line
  // or kFingerprintBytes), and has been changed since. Then it is read from the beginning that it
  // has now.
  bool RenewUnknown();
  // Whether a gzip file ended too early: its last lines cannot be read.
  bool damaged() const { return damaged_; }
  bool deleted() const;        // no name left
  std::uint64_t size() const;  // on the disk

 private:
  struct Chunk {
    std::string_view bytes;
    std::optional<ReadOutcome> ended;
  };

  explicit LogFile(int fd) : fd_(fd) {}
  Result<void> Begin(const std::string& path, bool gzip);
  bool ReadGzipHead();
  Chunk ReadPlain(std::span<char> buffer);
  Chunk ReadGzip(std::span<char> buffer);
  std::optional<ReadOutcome> EndGzip(GzipReader::State state);
  bool TakeHead(std::string_view read = {}, std::uint64_t position = 0);
  bool Unknown() const;
  std::uint64_t EndOfMoved(const LogFile& old, std::uint64_t end) const;
  std::uint64_t CommonLines(const LogFile& other, std::uint64_t end) const;
  bool SameBlock(const LogFile& other, std::uint64_t position) const;
  bool BeginsWith(const Fingerprint& fingerprint) const;
  void GoTo(std::uint64_t position);
  void Remember(std::string_view bytes);
  Fingerprint Before() const;

  int fd_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  std::int64_t modified_ns_ = 0;  // when it was last looked at
  std::string head_;              // the first bytes, at most kFingerprintBytes
  std::uint64_t position_ = 0;    // of the next read; the splitter holds what is behind a newline
  std::string recent_;            // the bytes before position_, as many as State() needs
  LineSplitter splitter_;
  std::unique_ptr<GzipReader> gzip_;
  std::optional<LogFileState> awaited_;  // what a gzip file has to be read up to
  bool at_end_ = false;
  bool damaged_ = false;
};

}  // namespace aiops
