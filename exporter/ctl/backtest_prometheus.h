// The command `backtest --prometheus`, with its seams: clock, HTTP, and where it prints.
#pragma once

#include <iosfwd>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"

namespace aiops {

struct PrometheusBacktest {
  std::string url;      // empty: the configuration's
  std::string config;   // empty: aiops.yml of this folder if there is one, else what is shipped
  std::string compare;  // another configuration to set beside it; empty: none
  std::string from = "7d";
  std::string to = "now";
  std::string train_until;  // empty: from
  std::string train_for = "14d";
  std::string cache;  // folder; empty: nothing is kept
  std::string pause = "100ms";
  size_t limit = 5'000'000;  // points
  bool yes = false;          // beyond the limit, too
  bool json = false;
  std::string html;  // file; empty: none
  std::string out = "-";
};

// Text or JSON goes to `out` or to the file that is named so; what is being done to `err`. Errors
// are sentences with their cure; Cancelled: `stop`.
Result<void> RunPrometheusBacktest(const PrometheusBacktest& options, Clock& clock,
                                   HttpClient& http, std::stop_token stop, std::ostream& out,
                                   std::ostream& err);

}  // namespace aiops
