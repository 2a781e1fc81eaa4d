#include "collect/prometheus/query.h"

#include <array>
#include <cstdio>

namespace aiops::prom {
namespace {

// Seconds with milliseconds: the form of instants and durations that every server of the family
// reads.
std::string AsSeconds(std::int64_t millis) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(millis) / 1e3);
  return text.data();
}

HttpRequest Form(std::string path, std::string_view expr, const std::string& when,
                 const QueryLimits& limits) {
  HttpRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.content_type = "application/x-www-form-urlencoded";
  request.body =
      "query=" + UrlEncode(expr) + when + "&timeout=" + AsSeconds(limits.timeout.count());
  request.timeout = limits.timeout;
  request.max_body_bytes = limits.max_body_bytes;
  return request;
}

}  // namespace

HttpRequest InstantQuery(std::string_view expr, Time time, const QueryLimits& limits) {
  return Form("/api/v1/query", expr, "&time=" + AsSeconds(UnixMillis(time)), limits);
}

HttpRequest RangeQuery(std::string_view expr, Time from, Time to, Duration step,
                       const QueryLimits& limits) {
  return Form("/api/v1/query_range", expr,
              "&start=" + AsSeconds(UnixMillis(from)) + "&end=" + AsSeconds(UnixMillis(to)) +
                  "&step=" + AsSeconds(step.count()) + "&partial_response=false",
              limits);
}

}  // namespace aiops::prom
