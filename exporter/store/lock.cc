#include "store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/files.h"

namespace aiops {
namespace {

// IsHeld knows the sentence by this: its kind has other causes as well.
constexpr char kHeld[] = "; stop that one first, or choose another store.path";

constexpr off_t kBeyondSqlite = off_t{1} << 62;

std::string HolderOf(int fd) {
  char text[32];
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  std::string digits;
  for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) digits.push_back(text[i]);
  return digits.empty() ? "another process" : "process " + digits;
}

}  // namespace

Result<FileLock> FileLock::Acquire(const std::string& database) {
  const std::string path = database + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return FileError("make " + path, errno);
  FileLock lock(path, fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FileError("lock " + path, errno);
    return Unavailable(database + " is in use by " + HolderOf(fd) + kHeld);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // Only for the message above: a full disk must not stop the start.
  if (::ftruncate(fd, 0) == 0) static_cast<void>(::pwrite(fd, pid.data(), pid.size(), 0) == 0);
  return lock;
}

Result<FileLock> FileLock::AcquireItself(const std::string& database) {
  const int fd = ::open(database.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return FileError("open " + database, errno);
  FileLock lock(database, fd);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kBeyondSqlite;
  range.l_len = 1;
  if (::fcntl(fd, F_OFD_SETLK, &range) == 0) return lock;
  if (errno == EAGAIN || errno == EACCES)
    return Unavailable(database + " is in use by another process" + kHeld);
  return FileError("lock " + database, errno);
}

bool FileLock::IsHeld(const Error& error) {
  return error.kind == ErrorKind::kUnavailable && error.message.find(kHeld) != std::string::npos;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

bool FileLock::StillNamed() const {
  struct stat held {};
  if (fd_ < 0 || ::fstat(fd_, &held) != 0) return false;
  return IdentityOf(path_) == FileIdentity{held.st_dev, held.st_ino};
}

}  // namespace aiops
