// Requests to the query API.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http_client.h"

namespace aiops::prom {

struct QueryLimits {
  Duration timeout{};         // for the server and for the whole request
  size_t max_body_bytes = 0;  // of the answer
};

// POST /api/v1/query: what `expr` is at `time`.
HttpRequest InstantQuery(std::string_view expr, Time time, const QueryLimits& limits);

// POST /api/v1/query_range: what it was at from, from + step, ... up to `to`. Thanos is asked for
// an error rather than for a part of the answer.
HttpRequest RangeQuery(std::string_view expr, Time from, Time to, Duration step,
                       const QueryLimits& limits);

}  // namespace aiops::prom
