// Answers of the query API, parsed without trust: Prometheus, Thanos, Mimir, VictoriaMetrics.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/entity.h"
#include "model/sample.h"
#include "net/http_client.h"

namespace aiops::prom {

struct Series {
  Labels labels;            // sorted, sanitised, without __name__ and without empty values
  double value = kMissing;  // NaN and the infinities are missing
};

struct Answer {
  std::vector<Series> series;  // a scalar is one series without labels
  bool scalar = false;
  bool partial = false;               // the server said that some of its sources did not answer
  std::vector<std::string> warnings;  // sanitised, at most 10
};

// The answer of /api/v1/query. What is not JSON of the documented shape, or more than max_series,
// is corruption; {"status":"error"} has the kind of its HTTP status (timeouts: kTimeout) and its
// text.
//
// `warnings` beside data mean a partial answer (Thanos, Mimir), except PromQL's own remarks on the
// query (Prometheus 3: "PromQL warning: ..."), which are only warnings. VictoriaMetrics says
// "isPartial": true.
Result<Answer> ParseAnswer(const HttpResponse& response, size_t max_series);

struct RangeSeries {
  Labels labels;
  std::vector<std::pair<Time, double>> points;  // oldest first; missing ones are left out
};

struct RangeAnswer {
  std::vector<RangeSeries> series;
  bool partial = false;
  std::vector<std::string> warnings;
};

// The answer of /api/v1/query_range, with the same errors and the same meaning of warnings.
Result<RangeAnswer> ParseRangeAnswer(const HttpResponse& response, size_t max_series);

}  // namespace aiops::prom
