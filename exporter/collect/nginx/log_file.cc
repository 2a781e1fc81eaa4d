#include "collect/nginx/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "collect/nginx/read_at.h"

namespace aiops {
namespace {

// So many bytes of what was read before are read again and compared.
constexpr size_t kOverlap = 256;
constexpr size_t kMaxGzipHeadReads = 4;

Error OpenError(const std::string& path, int error) {
  const std::string what = "cannot open " + path + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM) return {ErrorKind::kUnauthorized, what};
  if (error == ENOENT || error == ENOTDIR) return NotFound(what);
  return Unavailable(what);
}

std::int64_t ModifiedNs(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

Result<LogFile> LogFile::Open(const std::string& path, bool gzip) {
  // O_NONBLOCK: a fifo without a writer must not hang us; it means nothing for regular files.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return OpenError(path, errno);
  LogFile file(fd);
  if (auto begun = file.Begin(path, gzip); !begun) return begun.error();
  return file;
}

Result<void> LogFile::Begin(const std::string& path, bool gzip) {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return OpenError(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return InvalidArgument(path + " is not a regular file: only files can be followed");
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  modified_ns_ = ModifiedNs(status);
  if (!gzip) {
    TakeHead();
  } else if (!ReadGzipHead()) {
    return Corruption(path + " cannot be decompressed");
  } else {
    gzip_ = std::make_unique<GzipReader>(fd_);
  }
  return {};
}

LogFile::LogFile(LogFile&& other) noexcept : fd_(-1) { *this = std::move(other); }

LogFile& LogFile::operator=(LogFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  device_ = other.device_;
  inode_ = other.inode_;
  modified_ns_ = other.modified_ns_;
  head_ = std::move(other.head_);
  position_ = other.position_;
  recent_ = std::move(other.recent_);
  splitter_ = std::move(other.splitter_);
  gzip_ = std::move(other.gzip_);
  awaited_ = other.awaited_;
  at_end_ = other.at_end_;
  damaged_ = other.damaged_;
  return *this;
}

LogFile::~LogFile() {
  if (fd_ >= 0) ::close(fd_);
}

// False if there is none although the file is not just an empty one, compressed.
bool LogFile::ReadGzipHead() {
  GzipReader reader(fd_);
  std::array<char, kFingerprintBytes> head;
  for (size_t reads = 0; reads < kMaxGzipHeadReads && head_.size() < head.size(); ++reads) {
    const auto piece = reader.Read(std::span(head).first(head.size() - head_.size()));
    head_.append(head.data(), piece.size);
    if (piece.state != GzipReader::State::kMore) break;
  }
  return !head_.empty() || reader.complete();
}

// Whether the file still begins as it did, and as what was just `read` at `position`; takes the
// bytes that were added to the first ones.
bool LogFile::TakeHead(std::string_view read, std::uint64_t position) {
  std::array<char, kFingerprintBytes> bytes;
  const ssize_t n = ReadAt(fd_, bytes.data(), bytes.size(), 0);
  if (n < 0) return false;
  const std::string_view head(bytes.data(), static_cast<size_t>(n));
  if (!head.starts_with(head_)) return false;
  if (position < head.size()) {
    const auto same = std::min(head.size() - position, read.size());
    if (head.substr(position, same) != read.substr(0, same)) return false;
  }
  head_ = head;
  return true;
}

bool LogFile::BeginsWith(const Fingerprint& fingerprint) const {
  return BeginsAs(gzip_ ? head_ : BytesAt(fd_, 0, kFingerprintBytes), fingerprint);
}

LogFile::Chunk LogFile::ReadPlain(std::span<char> buffer) {
  const size_t overlap = std::min({recent_.size(), kOverlap, buffer.size() / 2});
  const ssize_t n = ReadAt(fd_, buffer.data(), buffer.size(), position_ - overlap);
  struct stat status {};
  if (n < 0 || ::fstat(fd_, &status) != 0) return {{}, ReadOutcome::kFailed};
  if (Unknown() && ModifiedNs(status) != modified_ns_) return {{}, ReadOutcome::kChanged};
  const auto end = position_ - overlap + static_cast<std::uint64_t>(n);
  const char* const before = recent_.data() + recent_.size() - overlap;
  if (n < static_cast<ssize_t>(overlap) || std::memcmp(buffer.data(), before, overlap) != 0 ||
      static_cast<std::uint64_t>(status.st_size) < end ||
      !TakeHead({buffer.data(), static_cast<size_t>(n)}, position_ - overlap)) {
    return {{}, ReadOutcome::kTruncated};
  }
  modified_ns_ = ModifiedNs(status);
  at_end_ = end == static_cast<std::uint64_t>(status.st_size);
  if (end == position_) return {{}, ReadOutcome::kEnd};
  return {{buffer.data() + overlap, static_cast<size_t>(n) - overlap}, {}};
}

LogFile::Chunk LogFile::ReadGzip(std::span<char> buffer) {
  if (awaited_) {
    buffer = buffer.first(std::min<std::uint64_t>(buffer.size(), awaited_->offset - position_));
  }
  const auto piece = gzip_->Read(buffer);
  if (piece.state != GzipReader::State::kMore) return {{}, EndGzip(piece.state)};
  return {{buffer.data(), piece.size}, {}};
}

std::optional<ReadOutcome> LogFile::EndGzip(GzipReader::State state) {
  damaged_ = state == GzipReader::State::kDamaged || !gzip_->complete();
  // It ended before what was read of another.
  if (awaited_ && !damaged_) return ReadOutcome::kOther;
  at_end_ = true;
  return ReadOutcome::kEnd;
}

ReadOutcome LogFile::Read(ReadPass& pass) {
  while (true) {
    const Chunk chunk = gzip_ ? ReadGzip(pass.buffer) : ReadPlain(pass.buffer);
    if (chunk.ended) return *chunk.ended;
    position_ += chunk.bytes.size();
    if (!awaited_) {
      pass.bytes_read += chunk.bytes.size();
      splitter_.Feed(chunk.bytes, pass.sink);
    }
    Remember(chunk.bytes);
    if (awaited_ && position_ == awaited_->offset) {
      if (Before() != awaited_->before) return ReadOutcome::kOther;
      awaited_.reset();
    }
    if (!pass.go_on()) return ReadOutcome::kInterrupted;
  }
}

void LogFile::Remember(std::string_view bytes) {
  const size_t needed = splitter_.held() + kFingerprintBytes;
  if (bytes.size() >= needed) {
    recent_.assign(bytes.substr(bytes.size() - needed));
    return;
  }
  recent_.append(bytes);
  if (recent_.size() > needed) recent_.erase(0, recent_.size() - needed);
}

// Of the bytes before the offset.
Fingerprint LogFile::Before() const {
  std::string_view bytes = recent_;
  bytes.remove_suffix(std::min(bytes.size(), splitter_.held()));
  if (bytes.size() > kFingerprintBytes) bytes.remove_prefix(bytes.size() - kFingerprintBytes);
  return FingerprintOf(bytes);
}

void LogFile::GoTo(std::uint64_t position) {
  position_ = position;
  const auto before = std::min<std::uint64_t>(position, kFingerprintBytes);
  recent_ = BytesAt(fd_, position - before, before);
}

void LogFile::Seek(const LogFileState& state) {
  splitter_.Reset(state.skipping);
  if (gzip_) {
    if (state.offset > 0) awaited_ = state;
    return;
  }
  head_.resize(std::min<size_t>(head_.size(), state.fingerprint.length));
  modified_ns_ = state.modified_ns;
  GoTo(state.offset);
}

bool LogFile::SeekTail(std::uint64_t before_end) {
  const std::uint64_t end = size();
  std::uint64_t position = end - std::min(end, before_end);
  std::array<char, 4096> block;
  while (position > 0 && position < end) {
    const ssize_t n = ReadAt(fd_, block.data(), block.size(), position);
    if (n <= 0) break;
    const auto* newline =
        static_cast<const char*>(std::memchr(block.data(), '\n', static_cast<size_t>(n)));
    if (newline != nullptr) {
      position += static_cast<std::uint64_t>(newline - block.data()) + 1;
      break;
    }
    position += static_cast<std::uint64_t>(n);
  }
  GoTo(position);
  return position > 0;
}

std::optional<std::uint64_t> LogFile::Restart() {
  struct stat status {};
  if (::fstat(fd_, &status) == 0) modified_ns_ = ModifiedNs(status);
  const auto end = static_cast<std::uint64_t>(status.st_size);
  const std::string old = std::exchange(head_, {});
  const std::uint64_t read = position_;
  TakeHead();
  // A whole line must be left: the beginning of one may be that of another.
  const bool begins_as_before = old.starts_with(head_) && (head_.size() >= kFingerprintBytes ||
                                                           head_.find('\n') != std::string::npos);
  splitter_.Reset(false);
  GoTo(0);
  return begins_as_before && end < read ? std::optional(end) : std::nullopt;
}

void LogFile::RestartAfter(const LogFileState& state) {
  const std::uint64_t end = size();
  GoTo(state.fingerprint.length > 0 && end < state.offset && BeginsWith(state.fingerprint) ? end
                                                                                           : 0);
}

bool LogFile::Holds(const LogFileState& state) const {
  if (!BeginsWith(state.fingerprint)) return false;
  if (gzip_ || state.offset == 0) return true;
  if (size() < state.offset || state.before.length > state.offset) return false;
  return FingerprintOf(BytesAt(fd_, state.offset - state.before.length, state.before.length)) ==
         state.before;
}

bool LogFile::HoldsAllOf(const LogFile& other) const {
  LogFileState whole = other.Identity();
  whole.offset = other.gzip_ ? 0 : other.size();
  const auto before = std::min<std::uint64_t>(whole.offset, kFingerprintBytes);
  whole.before = FingerprintOf(BytesAt(other.fd_, whole.offset - before, before));
  return whole.offset > 0 && Holds(whole);
}

bool LogFile::SameInode(std::uint64_t device, std::uint64_t inode) const {
  return device == device_ && inode == inode_;
}

LogFileState LogFile::State() const {
  LogFileState state = awaited_.value_or(LogFileState{});
  state.device = device_;
  state.inode = inode_;
  state.unread = !at_end_;
  if (awaited_) return state;
  state.fingerprint = FingerprintOf(head_);
  state.offset = position_ - splitter_.held();
  state.before = Before();
  state.skipping = splitter_.skipping();
  state.modified_ns = modified_ns_;
  return state;
}

LogFileState LogFile::Identity() const {
  struct stat status {};
  LogFileState out;
  out.device = device_;
  out.inode = inode_;
  out.fingerprint = FingerprintOf(gzip_ ? head_ : BytesAt(fd_, 0, kFingerprintBytes));
  out.modified_ns = ::fstat(fd_, &status) == 0 ? ModifiedNs(status) : modified_ns_;
  return out;
}

bool LogFile::Unknown() const {
  return !begun() && head_.size() < kFingerprintBytes && head_.find('\n') == std::string::npos;
}

bool LogFile::RenewUnknown() {
  struct stat status {};
  if (gzip_ || !Unknown() || ::fstat(fd_, &status) != 0) return false;
  if (static_cast<std::uint64_t>(status.st_size) <= position_ &&
      ModifiedNs(status) == modified_ns_) {
    return false;
  }
  // Half a line may have become the beginning of another file's.
  splitter_.Reset(false);
  head_.clear();
  modified_ns_ = ModifiedNs(status);
  GoTo(0);
  TakeHead();
  return true;
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
