// BacktestRun: a history played through the daemon's own engine, and what became of it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "collect/prometheus/history.h"
#include "config/config.h"
#include "model/anomaly.h"
#include "model/evidence.h"
#include "model/feature.h"
#include "model/verdict.h"
#include "pipeline/story.h"

namespace aiops {

struct BacktestRange {
  Time from;             // behind it is judged
  Time to;               // last
  Time train_until;      // when the first model is fitted; at or before `from`
  Duration train_for{};  // how far back its samples reach
};

// One judged sample of an entity, for curves; single precision is enough.
struct CurvePoint {
  Time time;
  float score = 0;  // NaN where unknown
  float level = 0;
  Verdict verdict = Verdict::kUnknown;
};

struct CurveBand {
  float value = 0;  // NaN where missing
  float lower = 0;
  float upper = 0;
};

struct EntityOutcome {
  EntityKey key;
  Duration interval{};            // of its scope
  std::vector<Feature> features;  // of its scope
  size_t judged = 0;              // samples, those without a verdict included
  size_t unknown = 0;
  std::vector<size_t> present;    // samples that had a feature, by feature
  size_t model_rows = 0;          // 0: no model
  size_t without_model = 0;       // judged samples before it had one
  bool trusted = false;           // else what is learned is at most a WARNING
  std::string untrained;          // why there is no model
  std::vector<CurvePoint> curve;  // in time order
  std::vector<CurveBand> bands;   // row-major: a row of features for each point of the curve
  Duration without_model_for() const {
    return static_cast<Duration::rep>(without_model) * interval;
  }
};

struct Episode {
  Anomaly anomaly;
  Story story;  // what moved first
};

// An anomaly began to be told with this severity.
struct Told {
  Time time;
  std::int64_t anomaly = 0;
  Severity severity = Severity::kWarning;
};

struct BacktestOutcome {
  BacktestRange range;
  Time data_from;                 // the first moment with a value that was played
  std::vector<Episode> episodes;  // in order of their beginnings
  std::vector<EntityOutcome> entities;
  std::map<Gate, size_t> gates;  // judged samples that were held back, or had no verdict
  size_t log_only = 0;           // samples
  size_t critical = 0;           // episodes, by the gravest that they were
  size_t warning = 0;
  size_t messages = 0;
  size_t samples() const;
  size_t unknown() const;
  // What was judged begins here: at range.from, or where the history does.
  Time judged_from() const { return std::max(range.from, data_from); }
  bool begins_late() const { return data_from - range.from > hours(1); }
};

// What people would have received: a message for each that begins as, or becomes, CRITICAL; and one
// every quarter of an hour for the WARNINGs that began in it, less those that are CRITICAL by then.
size_t CountMessages(const std::vector<Told>& told);

// Plays the ticks in time order through Engine, as the detect thread does: rounds at
// detect.interval, a first training at train_until, later ones by detect.train_schedule. Nothing
// alerts up to `from`. A partial tick is judged and never trains. `config`'s scopes are those to
// which the readings refer. Cancelled: `go_on`, called for every tick, returned false.
Result<BacktestOutcome> RunBacktest(Config config, const prom::History& history,
                                    const BacktestRange& range,
                                    const std::function<bool(size_t tick)>& go_on);

}  // namespace aiops
