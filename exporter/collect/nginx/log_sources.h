// LogSources: all logs that are read, files and containers, each line by the same path.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "collect/nginx/container_logs.h"
#include "collect/nginx/log_checkpoint.h"
#include "collect/nginx/log_lines.h"
#include "collect/nginx/log_set.h"
#include "collect/nginx/options.h"

namespace aiops {

// Not thread-safe.
class LogSources {
 public:
  // `site` is the log's own name, for entries that name none.
  using OnEntry =
      std::function<void(const std::string& site, bool began_in_middle, const LogEntry& entry)>;

  // Both must outlive it.
  LogSources(const NginxOptions& options, const CollectorContext& context);

  // Delivers what is there. False if there is more.
  bool Read(Time now, Time until, const std::stop_token& stop, const OnEntry& on_entry);
  // The next Read() looks for new logs ...
  void LookAnew() { next_refresh_.reset(); }
  // ... and asks the containers' engine, though it is not time yet.
  void AskContainers() { containers_.Hurry(); }

  // Why nothing can be read at all, with what cures it; nullopt if anything can.
  std::optional<Error> Down() const;
  // A sentence for each log that cannot be read while others can, and for each guess.
  std::vector<std::string> Notes() const;
  // Whether lines of a log that was counted before may be missing now.
  bool Failing() const { return logs_.Failing() || containers_.Failing(); }
  // How many logs are gone of which not everything was read.
  std::uint64_t Lost() const;
  void AddCounters(Collected& out) const;

  void Save(LogCheckpoint& out) const;
  // All or nothing.
  Result<void> Restore(LogCheckpoint& saved);

 private:
  bool ReadFile(LogFollower& log, Time now, Time until, const std::stop_token& stop,
                const OnEntry& on_entry);
  LineHandlers Handlers(std::function<void(const LogEntry&)> entry);

  const NginxOptions& options_;
  const CollectorContext& context_;
  LogSet logs_;
  LogLines lines_;
  ContainerLogs containers_;
  std::vector<char> buffer_;
  std::optional<Time> next_refresh_;
  std::uint64_t lines_read_ = 0;  // of files
  std::uint64_t lines_ignored_ = 0;
  std::array<std::uint64_t, kLineFaultCount> faults_{};
};

}  // namespace aiops
