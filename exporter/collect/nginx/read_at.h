// ReadAt: pread(2) that goes on after a signal.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

namespace aiops {

// The number of bytes, 0 at the end, negative with errno on failure.
inline ssize_t ReadAt(int fd, char* to, size_t size, std::uint64_t position) {
  ssize_t n;
  do {
    n = ::pread(fd, to, size, static_cast<off_t>(position));
  } while (n < 0 && errno == EINTR);
  return n;
}

// As many as there are.
inline std::string BytesAt(int fd, std::uint64_t position, size_t size) {
  std::string out(size, '\0');
  const ssize_t n = ReadAt(fd, out.data(), size, position);
  out.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return out;
}

}  // namespace aiops
