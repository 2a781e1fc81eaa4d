// History: features read back from the TSDB with query_range, one query after the other.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "collect/prometheus/options.h"

namespace aiops::prom {

// Of one query, below every server's limit of 11,000: at a minute's step a day and a half.
inline constexpr int kPointsPerQuery = 2000;

// One query: a feature at first, first + step, ... up to last.
struct HistoryQuery {
  size_t feature = 0;  // index into CollectorContext::features
  Time first;
  Time last;
  Duration step{};
  size_t points() const { return static_cast<size_t>((last - first) / step) + 1; }
};

// The queries for every whole step in (range.from, range.to]: all of `features` for one piece of
// it, then the next piece.
std::vector<HistoryQuery> PlanHistory(const std::vector<size_t>& features, Window range,
                                      Duration step);

struct HistoryTick {
  std::vector<Reading> readings;
  bool partial = false;  // the server said so of an answer that has a reading here
};

struct History {
  std::map<Time, HistoryTick> ticks;  // those with a value
  size_t answered = 0;                // queries
  size_t sent = 0;                    // those that were not recalled, and the halves of split ones
  std::optional<Error> first_error;
  std::set<std::string> notes;  // for people: what is left out and what cures it; sanitised
};

// What the caller may add to the reading; any may be left out.
struct HistoryHooks {
  Duration pause{};            // between queries that are sent
  bool stop_at_error = false;  // else a feature without an answer is missing
  // The body of an answer that was kept by an earlier run; one that does not parse is asked anew.
  std::function<std::optional<std::string>(const HistoryQuery&)> recall;
  // A whole answer; partial ones are not kept.
  std::function<void(const HistoryQuery&, const std::string& body)> keep;
  std::function<void(size_t done)> progress;  // queries of the plan
};

// One query at a time. One that is too much for the server or for the limits (samples, time, bytes)
// is asked again in halves. As for a live answer what is ambiguous is left out, with a note.
// Cancelled after `stop`. `context.features` have $window expanded.
Result<History> ReadHistory(const CollectorContext& context, const Options& options,
                            std::span<const HistoryQuery> plan, const HistoryHooks& hooks,
                            std::stop_token stop);

}  // namespace aiops::prom
