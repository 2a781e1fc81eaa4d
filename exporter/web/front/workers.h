// Workers: civetweb's threads, which answer the requests that the front hands over (hop.h).
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "web/front/answer.h"
#include "web/front/hop.h"
#include "web/http.h"

namespace aiops {

struct WorkersOptions {
  const Hop& hop;  // outlives them
  int threads = 1;
  // Called by many threads at once. Exceptions become a 500.
  std::function<WebResponse(WebRequest)> handle;
  std::function<HeaderList()> headers;  // on every answer
  // A request that is none, with this status: somebody found the port.
  std::function<void(int status)> refused;
};

class Workers {
 public:
  // civetweb listens on a loopback port of the system's choice from its return on.
  static Result<std::unique_ptr<Workers>> Start(WorkersOptions options);
  // Waits for the requests in progress.
  ~Workers();

  int port() const;

 private:
  struct Impl;
  explicit Workers(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
