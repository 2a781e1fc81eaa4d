// LogEvidence: what the requests of the last two hours were like, minute by minute, for causes.
//
// No line is kept, no address and no text of a user agent: templates of paths (path_template.h),
// networks (client_network.h), families of user agents (agent_family.h) and methods of a fixed
// list, each with its counts. Paths and networks are counted by SpaceSaving, so that strangers can
// fill neither memory nor the list. About 20 KB a minute, 2.5 MB in all; it does not survive a
// restart.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "collect/nginx/agent_family.h"
#include "collect/nginx/client_network.h"
#include "collect/nginx/log_entry.h"
#include "collect/nginx/path_template.h"
#include "collect/nginx/quantile_sketch.h"
#include "collect/nginx/space_saving.h"
#include "model/evidence.h"

namespace aiops {

// The last stands for all others.
inline constexpr std::array<std::string_view, 8> kMethods{"GET",   "HEAD",   "POST",    "PUT",
                                                          "PATCH", "DELETE", "OPTIONS", "other"};

struct RequestCounts {
  std::uint64_t requests = 0;
  std::uint64_t errors_4xx = 0;
  std::uint64_t errors_5xx = 0;
  bool exact = true;  // else at least so many requests
};

// Of a stretch of time.
struct RequestSummary {
  RequestCounts all;
  std::map<std::string, RequestCounts> paths;     // by template
  std::map<std::string, RequestCounts> networks;  // by ClientNetwork's bytes
  std::array<std::uint64_t, kAgentFamilyCount> agents{};
  std::array<std::uint64_t, kMethods.size()> methods{};
  QuantileSketch request_times;
};

// Not thread-safe.
class LogEvidence {
 public:
  static constexpr Duration kKept = hours(2);

  // Lines of more than two hours ago, or of the future, are left out.
  void Add(const LogEntry& entry, Time now);

  // Of whole minutes: all that the window touches.
  RequestSummary Summarize(Window window) const;
  // Of the first request that was counted.
  std::optional<Time> since() const { return since_; }

 private:
  struct Minute {
    RequestCounts all;
    SpaceSaving paths;
    SpaceSaving networks;
    std::array<std::uint64_t, kAgentFamilyCount> agents{};
    std::array<std::uint64_t, kMethods.size()> methods{};
    QuantileSketch request_times;
  };
  Minute& MinuteOf(Time t, Time now);

  std::map<Time, Minute> minutes_;  // by begin
  std::optional<Time> since_;
  Time hot_begin_;  // the minute of the last line
  Minute* hot_ = nullptr;
  PathTemplate template_;
  ClientNetwork network_;
  AgentFamilies families_;
};

}  // namespace aiops
