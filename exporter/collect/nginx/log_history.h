// LogHistory: what a log and its rotated files say of the time before a first start, interval by
// interval, by the times that the lines give.
//
// Each file is read once, oldest first, beside whoever follows the log: nothing here moves a
// follower. The first interval that is told is the one after the oldest line; from there on silence
// means that nothing was asked.
#pragma once

#include <deque>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "collect/nginx/log_bins.h"
#include "collect/nginx/log_lines.h"
#include "collect/nginx/log_readings.h"
#include "collect/nginx/log_set.h"
#include "collect/nginx/options.h"
#include "collect/nginx/siblings.h"
#include "collect/nginx/site_table.h"

namespace aiops {

// Not thread-safe. `options` and `readings` outlive it.
class LogHistory {
 public:
  LogHistory(const NginxOptions& options, const LogReadings& readings, Duration step)
      : options_(options), readings_(readings), step_(step), lines_(options.lines) {}

  // The intervals that end in (range.from, range.to], oldest first; whole steps. Meant to be asked
  // for one range after the other: an earlier one makes it begin again. A file that cannot be read
  // is left out, and the log says so. kCancelled after `stop`.
  Result<std::vector<PastReadings>> Read(Window range, Time now, std::stop_token stop);

 private:
  struct Log {
    std::string path;
    std::string site;
    std::deque<Sibling> files;  // not read yet
    std::optional<LogFile> open;
    Time newest{};  // line
  };

  void Begin(Time from, Time now);
  bool ReadLog(Log& log, Time until, Time now, const std::stop_token& stop);
  void OpenNext(Log& log);
  void Count(Log& log, const LogEntry& entry, Time now);

  const NginxOptions& options_;
  const LogReadings& readings_;
  const Duration step_;
  LogLines lines_;
  std::optional<LogBins> bins_;
  std::optional<SiteTable> sites_;
  ClientHasher hash_{ClientHasher::RandomKey()};
  std::vector<Log> logs_;
  std::vector<char> buffer_;
  std::uint32_t fields_seen_ = 0;
  std::optional<Time> first_;  // line
};

}  // namespace aiops
