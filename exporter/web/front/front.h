// Front: accepts connections and holds each, cheaply, until its request is complete; then hands the
// request to a worker (hop.h) and relays the answer. One thread, no blocking: whoever is slow, idle
// or hostile costs memory for one connection and nobody's time.
//
// The limits are in front_limits.h and docs/api.md.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "web/front/answer.h"
#include "web/front/fd.h"
#include "web/front/front_limits.h"
#include "web/front/hop.h"
#include "web/tls.h"

namespace aiops {

struct FrontOptions {
  const Clock& clock;  // outlives the front, as does the hop
  const Hop& hop;
  FrontLimits limits;
  int worker_port = 0;
  std::function<HeaderList()> headers;  // on every answer
  // For the next connection; null: it is plain HTTP.
  std::function<std::shared_ptr<const TlsContext>()> tls;
  // A connection that got an answer without a worker, or was closed for want of room (503).
  std::function<void(int status)> refused;
};

class Front {
 public:
  static Result<std::unique_ptr<Front>> Start(Fd listener, FrontOptions options);
  // Accepts no more, drops who has not asked yet, and waits a little for answers in flight.
  ~Front();

 private:
  class Loop;
  explicit Front(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace aiops
