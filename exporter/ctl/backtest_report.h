// BacktestReport: what a backtest on a Prometheus says, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "ctl/backtest_run.h"
#include "ctl/backtest_source.h"
#include "ctl/terminal.h"

namespace aiops {

struct BacktestReport {
  std::string url;            // without credentials
  std::string configuration;  // its file, or "the shipped configuration"
  Time now;
  TimeZone zone = *TimeZone::Open("UTC");  // in which people are told times
  BacktestOutcome outcome;
  size_t queries = 0;  // of the plan
  size_t sent = 0;     // of them to the server; the others were kept from before
  size_t points = 0;
  std::vector<std::string> notes;  // what is poor and what cures it; sanitised
};

// `history`'s notes, and what the outcome is worth: history that begins late, features without a
// value, poor coverage, no model or one that is not trusted, each with what to do.
std::vector<std::string> BacktestNotes(const prom::History& history, const BacktestOutcome& outcome,
                                       const TimeZone& zone);

// Which episodes of one outcome the other has too: of the same entity, at the same time in part.
struct EpisodeMatch {
  std::vector<const Episode*> only_first;
  std::vector<const Episode*> only_second;
  size_t both = 0;  // of the first
};
EpisodeMatch Match(const BacktestOutcome& first, const BacktestOutcome& second);

// "The last 7 days with this configuration: 2 critical, 9 warnings in 5 messages."
std::string BacktestHeadline(const BacktestReport& report);
// Where it comes from and how it was made, in one line.
std::string BacktestOrigin(const BacktestReport& report);
// How long an episode was seen: to its last alert, at least one interval.
Duration LastedFor(const Anomaly& anomaly, const BacktestOutcome& outcome);
// "7 days", of three or more to the nearest; "36 hours", "12m".
std::string SpanText(Duration span);

// What did not become a message, and why; the entities and their models; two outcomes in numbers.
Table HeldBackTable(const BacktestOutcome& outcome);
Table EntityTable(const BacktestOutcome& outcome);
Table CountsTable(const BacktestOutcome& first, const BacktestOutcome& second);

std::string BacktestText(const BacktestReport& report);
std::string BacktestText(const BacktestReport& first, const BacktestReport& second);

// Documented in docs/backtest.md.
std::string BacktestJson(const BacktestReport& report);
std::string BacktestJson(const BacktestReport& first, const BacktestReport& second);

}  // namespace aiops
