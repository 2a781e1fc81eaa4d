// LogSet: all logs that a list of patterns names, each with its follower.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_follower.h"

namespace aiops {

// Not thread-safe.
class LogSet {
 public:
  LogSet(std::vector<std::string> patterns, StartAt start)
      : patterns_(std::move(patterns)), start_(start) {}
  LogSet(const LogSet&) = delete;  // the followers ask it
  LogSet& operator=(const LogSet&) = delete;

  // Looks which files the patterns name by now. Rotated names (access.log.1, *.gz) are left out:
  // their log's follower knows them. So are folders that a pattern happens to match. Logs that
  // appear after the first call are read from their beginning.
  void Refresh();

  // Files of a checkpoint; those that no pattern names any more are dropped.
  void Resume(const std::map<std::string, std::vector<LogFileState>>& logs);

  const std::map<std::string, std::unique_ptr<LogFollower>>& followers() const {
    return followers_;
  }

  // What a log's own requests are called that name no site: by its file's name, one of several of
  // that name by its path. Sanitised.
  std::string SiteOf(const std::string& path) const;

  // Why no log can be read at all, with what cures it; nullopt if one can.
  std::optional<Error> Down() const;
  // A sentence for each log that cannot be read while others can, and of those that are too many.
  std::vector<std::string> Degraded() const;
  // Whether lines of a log that was counted before may be missing now.
  bool Failing() const;
  FollowerCounters Totals() const;

 private:
  bool Matches(const std::string& path) const;
  std::unique_ptr<LogFollower> Follow(const std::string& path, StartAt start) const;
  bool ReadElsewhere(const std::string& path, const FileId& file) const;

  const std::vector<std::string> patterns_;
  StartAt start_;
  std::map<std::string, std::unique_ptr<LogFollower>> followers_;
  std::string forbidden_;  // a folder that may not be searched, or empty
  size_t left_out_ = 0;    // logs beyond the 256 that are followed
};

}  // namespace aiops
