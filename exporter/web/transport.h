// Transport: HTTP on the wire. The front (front/front.h) takes what comes from outside; civetweb
// behind it (front/workers.h) serves complete requests. One request per connection: answers say
// Connection: close, and nothing behind a request can be taken for another one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "web/front/answer.h"
#include "web/http.h"
#include "web/tls.h"

namespace aiops {

struct TransportOptions {
  const Clock& clock;                   // outlives it
  std::string listen_address;           // web/listen_address.h
  int max_connections = 32;             // requests served at once; a thread each
  std::function<HeaderList()> headers;  // on every answer
  // For the next connection; null: it is plain HTTP.
  std::function<std::shared_ptr<const TlsContext>()> tls;
  // Called by many threads at once; must not block for long. Exceptions become a 500.
  std::function<WebResponse(WebRequest)> handle;
  // A request that was refused before it could become a WebRequest, with this status.
  std::function<void(int status)> refused;
};

class Transport {
 public:
  // Listens from its return on. Errors say what to change.
  static Result<std::unique_ptr<Transport>> Open(TransportOptions options);
  // Drops connections without a complete request and waits for the requests in progress.
  ~Transport();

  int port() const;

 private:
  struct Impl;
  explicit Transport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
