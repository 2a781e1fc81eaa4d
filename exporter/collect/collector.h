// Collector: the seam to a source of features and facts.
//
// To add one: a file collect/<name>_collector.cc with an options struct, a class in an anonymous
// namespace and one exported descriptor named k<CamelName>Collector; CMake finds it. The room that
// knows a source is the only one that talks to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/section.h"
#include "model/evidence.h"
#include "model/fact.h"
#include "model/feature.h"
#include "model/sample.h"
#include "net/http_client.h"

namespace aiops {

// One beat: the interval from begin to end, and the instant at which an answer comes too late.
struct Tick {
  Time begin;
  Time end;
  Time deadline;
};

// One number. Missing numbers are left out.
struct Reading {
  FeatureRef feature;
  Labels labels;  // of the result; empty: the default entity
  double value = kMissing;
};

// Readings of an interval that had ended before this tick's began (log lines from a downtime).
struct PastReadings {
  Time end;
  std::vector<Reading> readings;
};

// What a collector brings home from one tick.
struct Collected {
  std::vector<Reading> readings;
  std::vector<PastReadings> past;  // become samples flagged kBackfill; oldest first
  std::vector<Fact> facts;         // all that hold now
  bool partial = false;            // the source said that its answer is incomplete
  // What Restore() needs to go on after this tick: stored in the transaction that stores the
  // samples.
  std::optional<std::string> checkpoint;
  // Monotonic counters for metrics, by name and one label value: {"lines_malformed", "bad_status"}
  // -> 17.
  std::map<std::pair<std::string, std::string>, double> counters;
  std::vector<std::string> notes;  // for people: what is degraded and what cures it; sanitised
};

// A feature that this collector is asked for.
struct WantedFeature {
  FeatureRef ref;
  std::string expr;
  std::vector<std::string> entity_labels;
  std::string name = {};  // of the feature, for notes to people
  bool absent_is_zero = false;
};

// A fact by expression that this collector is asked for (prometheus).
struct WantedFact {
  std::string name;
  std::string expr;
  Severity severity = Severity::kWarning;
  Duration hold{};
};

// What is given to every collector. References outlive it.
struct CollectorContext {
  Clock& clock;
  HttpClient& http;
  Duration interval;  // of the tick
  std::vector<WantedFeature> features;
  std::vector<WantedFact> facts;
  Duration deadline = Duration::max();  // of the tick: when an answer is due after its end
};

// Owned and called by one thread of the pipeline; need not be thread-safe. Explain() is called by
// the same thread. Never throws. Every call returns soon after `stop` (100 ms) or the deadline.
class Collector {
 public:
  virtual ~Collector() = default;

  // Called once before the first Advance, with the checkpoint of the last committed tick. A
  // checkpoint that cannot be read is an error; the collector then begins afresh.
  virtual Result<void> Restore(std::string_view checkpoint) {
    (void)checkpoint;
    return {};
  }

  // Between ticks: follow a log, watch an API. Returns at `until` or earlier if there is nothing to
  // do.
  virtual void Advance(Time until, std::stop_token stop) {
    (void)until;
    (void)stop;
  }

  // The tick. May wait for late data up to the deadline. An error means that the source was down:
  // all its features are missing and its facts unknown (not ended).
  virtual Result<Collected> Collect(const Tick& tick, std::stop_token stop) = 0;

  // Older values from the source's own history, for a first training; none by default.
  virtual Result<std::vector<PastReadings>> Backfill(Window range, std::stop_token stop) {
    (void)range;
    (void)stop;
    return std::vector<PastReadings>{};
  }

  // What this source knows about the window; bounded, sanitised.
  virtual Evidence Explain(Window window) {
    (void)window;
    return {};
  }
};

struct CollectorDescriptor {
  const char* name;     // label value and Feature::source: "nginx_log"
  const char* section;  // key under `collect:`: "nginx"
  const char* help;     // one sentence, ends with a period
  std::vector<FactInfo> facts;
  // Reads its options (problems go to the section's document) and makes the collector without
  // touching the source. Null: not configured, or nothing is wanted from it.
  std::function<std::unique_ptr<Collector>(const Section&, CollectorContext)> make;
};

// Every collector that was linked in, by name.
const std::vector<const CollectorDescriptor*>& AllCollectors();

}  // namespace aiops
