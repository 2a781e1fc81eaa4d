// GzipReader: the decompressed bytes of a gzip file, piece by piece, as `gzip -d` would write them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace aiops {

// Members that follow each other are one stream; NUL padding behind a member is passed over. Memory
// is bounded (about 75 KiB) whatever the file says of itself. Not thread-safe.
class GzipReader {
 public:
  enum class State {
    kMore,     // call again
    kEnd,      // all that the file holds now; see complete()
    kDamaged,  // no gzip, a bad checksum, or the file cannot be read: nothing more will come
  };
  struct Piece {
    size_t size = 0;
    State state = State::kMore;
  };

  // `fd` is not owned; it is read with pread(2) from its beginning.
  explicit GzipReader(int fd);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // Fills `to` from its beginning. Reads at most 1 MiB of the file, so that it also returns soon
  // where much of the file makes few bytes; kEnd and kDamaged come with no bytes.
  Piece Read(std::span<char> to);

  // Whether the last member that was begun is whole; false for an empty file.
  bool complete() const;

 private:
  struct Stream;  // keeps zlib.h out of this header
  const int fd_;
  const std::unique_ptr<Stream> stream_;
};

}  // namespace aiops
