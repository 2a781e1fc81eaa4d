// SiteErrors: finds sites that answer only errors, also at three requests a minute.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "collect/nginx/log_entry.h"
#include "model/fact.h"

namespace aiops {

struct SiteErrorsOptions {
  size_t min_requests = 5;
  Duration window = minutes(10);
  // The errors must have lasted so long: a restart of a busy upstream is over within seconds.
  Duration hold = seconds(10);
};

// The answers with 5xx since the last other answer.
struct ErrorRun {
  std::uint64_t count = 0;
  Time began;
  std::deque<Time> recent;    // of the last min_requests
  int status = 0;             // of the last
  std::string path;           // of the last, as a template (path_template.h)
  std::optional<Time> since;  // while the fact holds
};

// Not thread-safe.
class SiteErrors {
 public:
  explicit SiteErrors(SiteErrorsOptions options) : options_(options) {}

  // The site's name is raw. 499 (the client went away) is no answer and changes nothing.
  void Add(std::string_view site, const LogEntry& entry);

  // A fact begins when the last min_requests answers, all within `window`, were 5xx and lasted for
  // `hold`. It ends with the first other answer, or when nothing was asked for `window`.
  std::vector<Fact> Evaluate(Time now);
  // What held at the last Evaluate and was not contradicted since: while a backlog is being read.
  std::vector<Fact> Holding() const;

  const std::map<std::string, ErrorRun>& runs() const { return runs_; }
  // For Restore; false beyond the bounds.
  bool Put(std::string site, ErrorRun run);

  static constexpr size_t kMaxSites = 256;
  static constexpr size_t kMaxMinRequests = 100;

 private:
  ErrorRun& RunOf(const std::string& site);

  const SiteErrorsOptions options_;
  std::map<std::string, ErrorRun> runs_;  // only sites whose last answer was an error
};

}  // namespace aiops
