// Transport: HTTP on the wire, through civetweb. One request per connection: answers say
// Connection: close, so that no idle client holds a thread and nothing behind a request can be
// taken for another one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "web/http.h"
#include "web/tls.h"

namespace aiops {

inline constexpr long long kMaxRequestBody = 64 * 1024;

struct TransportOptions {
  std::string listen_address;                                // web/listen_address.h
  int max_connections = 50;                                  // served at once; a thread each
  const TlsServerOptions* tls = nullptr;                     // null: plain HTTP; not kept
  std::vector<std::pair<std::string, std::string>> headers;  // on every answer
  // Called by many threads at once; must not block for long. Exceptions become a 500.
  std::function<WebResponse(WebRequest)> handle;
  // A request that was refused before it could become a WebRequest, with this status.
  std::function<void(int status)> refused;
};

class Transport {
 public:
  // Listens from its return on. Errors say what to change.
  static Result<std::unique_ptr<Transport>> Open(TransportOptions options);
  // Waits for the requests in progress.
  ~Transport();

  int port() const;

 private:
  struct Impl;
  explicit Transport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
