#include "collect/nginx/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace aiops {
namespace {

ssize_t ReadAt(int fd, char* to, size_t size, std::uint64_t position) {
  ssize_t n;
  do {
    n = ::pread(fd, to, size, static_cast<off_t>(position));
  } while (n < 0 && errno == EINTR);
  return n;
}

Error OpenError(const std::string& path, int error) {
  const std::string what = "cannot open " + path + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM) return {ErrorKind::kUnauthorized, what};
  if (error == ENOENT || error == ENOTDIR) return NotFound(what);
  return Unavailable(what);
}

// Of the first `length` bytes; fewer if the file is shorter.
Fingerprint FingerprintOf(int fd, size_t length) {
  std::array<char, kFingerprintBytes> head;
  const ssize_t n = ReadAt(fd, head.data(), std::min(length, head.size()), 0);
  Fingerprint out{0, 0xcbf29ce484222325ull};
  for (ssize_t i = 0; i < n; ++i) {
    out.hash =
        (out.hash ^ static_cast<unsigned char>(head[static_cast<size_t>(i)])) * 0x100000001b3ull;
    ++out.length;
  }
  return out;
}

}  // namespace

Result<LogFile> LogFile::Open(const std::string& path) {
  // O_NONBLOCK: a fifo without a writer must not hang us; it means nothing for regular files.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return OpenError(path, errno);
  LogFile file(fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0) return OpenError(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return InvalidArgument(path + " is not a regular file: only files can be followed");
  }
  file.device_ = status.st_dev;
  file.inode_ = status.st_ino;
  return file;
}

LogFile::LogFile(LogFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      device_(other.device_),
      inode_(other.inode_),
      fingerprint_(other.fingerprint_),
      position_(other.position_),
      splitter_(std::move(other.splitter_)) {}

LogFile& LogFile::operator=(LogFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  device_ = other.device_;
  inode_ = other.inode_;
  fingerprint_ = other.fingerprint_;
  position_ = other.position_;
  splitter_ = std::move(other.splitter_);
  return *this;
}

LogFile::~LogFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool LogFile::BeginsWith(const Fingerprint& fingerprint) const {
  return fingerprint.length == 0 || FingerprintOf(fd_, fingerprint.length) == fingerprint;
}

void LogFile::ExtendFingerprint() {
  if (fingerprint_.length >= kFingerprintBytes || position_ <= fingerprint_.length) return;
  const Fingerprint longer = FingerprintOf(
      fd_, static_cast<size_t>(std::min<std::uint64_t>(position_, kFingerprintBytes)));
  if (longer.length > fingerprint_.length) fingerprint_ = longer;
}

ReadOutcome LogFile::Read(ReadPass& pass) {
  while (true) {
    const ssize_t n = ReadAt(fd_, pass.buffer.data(), pass.buffer.size(), position_);
    if (n < 0) return ReadOutcome::kFailed;
    if (size() < position_ + static_cast<std::uint64_t>(n) || !BeginsWith(fingerprint_)) {
      return ReadOutcome::kTruncated;
    }
    if (n == 0) return ReadOutcome::kEnd;
    position_ += static_cast<std::uint64_t>(n);
    pass.bytes_read += static_cast<std::uint64_t>(n);
    ExtendFingerprint();
    splitter_.Feed({pass.buffer.data(), static_cast<size_t>(n)}, pass.sink);
    if (!pass.go_on()) return ReadOutcome::kInterrupted;
  }
}

void LogFile::Seek(const LogFileState& state) {
  position_ = state.offset;
  fingerprint_ = state.fingerprint;
  splitter_.Reset(state.skipping);
}

bool LogFile::SeekTail(std::uint64_t before_end) {
  const std::uint64_t end = size();
  position_ = end - std::min(end, before_end);
  std::array<char, 4096> block;
  while (position_ > 0 && position_ < end) {
    const ssize_t n = ReadAt(fd_, block.data(), block.size(), position_);
    if (n <= 0) break;
    const auto* newline =
        static_cast<const char*>(std::memchr(block.data(), '\n', static_cast<size_t>(n)));
    if (newline != nullptr) {
      position_ += static_cast<std::uint64_t>(newline - block.data()) + 1;
      break;
    }
    position_ += static_cast<std::uint64_t>(n);
  }
  ExtendFingerprint();
  return position_ > 0;
}

void LogFile::Restart() {
  const std::uint64_t end = size();
  const bool merely_cut = fingerprint_.length > 0 && end < position_ && BeginsWith(fingerprint_);
  splitter_.Reset(false);
  position_ = merely_cut ? end : 0;
  if (!merely_cut) fingerprint_ = {};
}

bool LogFile::Holds(const LogFileState& state) const {
  return size() >= state.offset && BeginsWith(state.fingerprint);
}

bool LogFile::SameInode(std::uint64_t device, std::uint64_t inode) const {
  return device == device_ && inode == inode_;
}

LogFileState LogFile::State() const {
  LogFileState state{
      device_, inode_, fingerprint_, position_ - splitter_.held(), splitter_.skipping(), 0};
  struct stat status {};
  if (::fstat(fd_, &status) == 0) {
    state.modified_ns =
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  }
  return state;
}

std::uint64_t LogFile::size() const {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool LogFile::deleted() const {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 && status.st_nlink == 0;
}

}  // namespace aiops
