#include "store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace aiops {

std::string SystemMessage(int number) { return std::generic_category().message(number); }

Error FileError(const std::string& doing, int number) {
  const std::string message = "cannot " + doing + ": " + SystemMessage(number);
  if (number == EACCES || number == EPERM || number == EROFS) {
    return {ErrorKind::kUnauthorized,
            message + "; give this user the right to write there, or choose another store.path"};
  }
  if (number == ENOSPC || number == EDQUOT) return Unavailable(message + "; free some space");
  return Unavailable(message + "; check store.path");
}

FileIdentity IdentityOf(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

std::int64_t FileBytes(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

std::string FileStamp(Time t) {
  std::string stamp;
  for (const char c : FormatTime(FloorTo(t, seconds(1)))) {
    if (c != '-' && c != ':') stamp.push_back(c);
  }
  return stamp;
}

Result<void> SyncFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError("open " + path, errno);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return FileError("sync " + path, failed);
  return {};
}

Result<void> Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return FileError("rename " + from, errno);
  return {};
}

Result<void> MakeFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::filesystem::path made;
  for (const auto& part : folder) {
    made /= part;
    if (::mkdir(made.c_str(), 0750) == 0 || errno == EEXIST) continue;
    const int failed = errno;
    if (IdentityOf(made) != FileIdentity{}) continue;
    return FileError("make the folder " + made.string(), failed);
  }
  struct stat info {};
  if (::stat(folder.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return FileError("use " + folder.string(), ENOTDIR);
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return FileError("write into " + folder.string(), errno);
  return {};
}

Result<std::string> SetAside(const std::string& path, Time now) {
  const std::string stamped = path + ".corrupt-" + FileStamp(now);
  std::string target = stamped;
  for (int i = 2; IdentityOf(target) != FileIdentity{}; ++i)
    target = stamped + "-" + std::to_string(i);
  AIOPS_TRY_VOID(Rename(path, target));
  for (const char* suffix : {"-wal", "-shm"}) {
    if (IdentityOf(path + suffix) == FileIdentity{}) continue;
    AIOPS_TRY_VOID(Rename(path + suffix, target + suffix));
  }
  return target;
}

}  // namespace aiops
