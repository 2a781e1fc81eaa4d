#include "collect/read_access.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "text/sanitize.h"

namespace aiops {
namespace {

std::string UserName() {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(::geteuid());
}

std::string GroupName(gid_t id) {
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

}  // namespace

std::string ReadAccessAdvice(const std::string& path) {
  std::filesystem::path at = path;
  struct stat info {};
  while (::stat(at.c_str(), &info) != 0 && at.has_relative_path()) at = at.parent_path();
  const bool folder = S_ISDIR(info.st_mode);
  const mode_t wanted = folder ? S_IRGRP | S_IXGRP : S_IRGRP;
  const std::string user = UserName();
  if (info.st_gid != 0 && (info.st_mode & wanted) == wanted) {
    const std::string group = Sanitize(GroupName(info.st_gid));
    return "add this user to group " + group + " (`sudo usermod -aG " + group + " " + user +
           "`, then log in again and restart)";
  }
  return "let this user read it (`sudo setfacl -m u:" + user + (folder ? ":rx " : ":r ") +
         Sanitize(at.string()) + "`)";
}

}  // namespace aiops
