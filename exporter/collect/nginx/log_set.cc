#include "collect/nginx/log_set.h"

#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "collect/read_access.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxLogs = 256;

// glob(3) has no argument for its error callback.
thread_local std::string forbidden_folder;

int OnGlobError(const char* path, int error) {
  if (error == EACCES) forbidden_folder = path;
  return 0;
}

std::vector<std::string> Expand(const std::string& pattern, std::string& forbidden) {
  glob_t found{};
  std::vector<std::string> out;
  forbidden_folder.clear();
  if (::glob(pattern.c_str(), 0, OnGlobError, &found) == 0)
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  struct stat status {};
  if (!forbidden_folder.empty()) forbidden = forbidden_folder;
  if (out.empty() && ::stat(pattern.c_str(), &status) != 0 && errno == EACCES) forbidden = pattern;
  return out;
}

Error Forbidden(const std::string& path) {
  return {ErrorKind::kUnauthorized,
          "cannot read " + Sanitize(path) + ": " + ReadAccessAdvice(path)};
}

bool IsPattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

bool IsFolder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string Join(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return Sanitize(out);
}

}  // namespace

bool LogSet::Matches(const std::string& path) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return pattern == path || ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  });
}

std::unique_ptr<LogFollower> LogSet::Follow(const std::string& path, StartAt start) const {
  return std::make_unique<LogFollower>(path, start, [this](const auto& asking, const auto& file) {
    return ReadElsewhere(asking, file);
  });
}

// A link, or a log that was renamed to what a pattern names.
bool LogSet::ReadElsewhere(const std::string& path, const FileId& file) const {
  return std::any_of(followers_.begin(), followers_.end(), [&](const auto& each) {
    return each.first != path && each.second->Reads(file);
  });
}

void LogSet::Refresh() {
  forbidden_.clear();
  left_out_ = 0;
  for (const auto& pattern : patterns_) {
    for (auto& path : Expand(pattern, forbidden_)) {
      if (followers_.contains(path)) continue;
      if (IsPattern(pattern) && (HasRotatedName(path) || IsFolder(path))) continue;
      if (followers_.size() >= kMaxLogs) {
        ++left_out_;
        continue;
      }
      followers_.emplace(path, Follow(path, start_));
    }
  }
  if (forbidden_.empty()) start_ = StartAt::kBeginning;
  // A log that is gone, and of which nothing is open or remembered: when it comes back, all of it
  // is new.
  std::erase_if(followers_, [&](const auto& each) {
    const auto& error = each.second->error();
    return error && error->kind == ErrorKind::kNotFound && !each.second->reading() &&
           !each.second->resuming();
  });
}

void LogSet::Resume(const std::map<std::string, std::vector<LogFileState>>& logs) {
  for (const auto& [path, files] : logs) {
    if (!Matches(path) || files.empty()) continue;
    auto& follower = followers_[path];
    follower = Follow(path, StartAt::kBeginning);
    follower->Resume(files);
  }
  start_ = StartAt::kBeginning;
}

std::string LogSet::SiteOf(const std::string& path) const {
  const auto name = [](const std::string& p) { return p.substr(p.rfind('/') + 1); };
  const auto same = std::count_if(followers_.begin(), followers_.end(),
                                  [&](const auto& each) { return name(each.first) == name(path); });
  return Sanitize(same > 1 ? path : name(path));
}

std::optional<Error> LogSet::Down() const {
  std::optional<Error> first;
  std::optional<std::string> forbidden;
  for (const auto& [path, follower] : followers_) {
    if (follower->reading() && follower->health() != LogHealth::kUnreadable) return std::nullopt;
    const auto& error = follower->error();
    if (!first && error) first = error;
    if (!forbidden && error && error->kind == ErrorKind::kUnauthorized) forbidden = path;
  }
  if (forbidden) return Forbidden(*forbidden);
  if (!forbidden_.empty()) return Forbidden(forbidden_);
  if (first && first->kind != ErrorKind::kNotFound) {
    return Error{first->kind, Sanitize(first->message)};
  }
  return NotFound("no log matches " + Join(patterns_) +
                  ": set collect.nginx.logs to where Nginx writes its access log (`access_log` in "
                  "its configuration), or start Nginx");
}

std::vector<std::string> LogSet::Degraded() const {
  std::vector<std::string> out;
  if (left_out_ > 0)
    out.push_back("not read: " + std::to_string(left_out_) + " logs beyond the first " +
                  std::to_string(kMaxLogs) + "; narrow the patterns of collect.nginx.logs");
  for (const auto& [path, follower] : followers_) {
    const auto& error = follower->error();
    if (follower->is_alias())
      out.push_back("not read twice: " + Sanitize(path, 256) +
                    " is a file that is read under another name");
    if (!error) continue;
    const bool forbidden = error->kind == ErrorKind::kUnauthorized;
    out.push_back(Sanitize(forbidden ? Forbidden(path).message : error->message, 512));
  }
  return out;
}

bool LogSet::Failing() const {
  return std::any_of(followers_.begin(), followers_.end(),
                     [](const auto& each) { return each.second->health() == LogHealth::kFailing; });
}

FollowerCounters LogSet::Totals() const {
  FollowerCounters sum;
  for (const auto& [path, follower] : followers_) {
    const auto& each = follower->counters();
    sum.rotations += each.rotations;
    sum.truncations += each.truncations;
    sum.files_lost += each.files_lost;
    sum.bytes_read += each.bytes_read;
  }
  return sum;
}

}  // namespace aiops
