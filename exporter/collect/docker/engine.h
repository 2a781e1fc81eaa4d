// Engine: the few questions that are put to a container engine. Nothing but GET, from a fixed list:
// /_ping, /version, /containers/json, /containers/{id}/json, /containers/{id}/logs, /events.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/docker/parse.h"
#include "net/http_client.h"

namespace aiops::docker {

// "/run/docker.sock", "unix:///run/docker.sock", "tcp://host:2375" (http, or https with TLS
// options), "http://..." or "https://...". InvalidArgument otherwise.
Result<HttpEndpoint> ParseAddress(std::string_view address, TlsOptions tls);

// The version to speak: the lower one of what the engine offers and 1.47, as "v1.41"; "" (the
// engine's own choice) if `offered` is not a version. Docker 29 refuses less than 1.44, Debian 12's
// knows at most 1.41.
std::string NegotiateVersion(std::string_view offered);

// What is wanted of a container's log.
struct LogQuery {
  std::string id;
  std::int64_t since_ns = 0;  // nanoseconds since 1970, inclusive; 0: from its beginning
  size_t tail = 0;            // at most its last entries, those of stderr too; 0: all
};

// Not thread-safe.
class Engine {
 public:
  // `key` of the configuration holds the address: for advice.
  Engine(HttpEndpoint endpoint, HttpClient& http, Clock& clock,
         std::string key = "collect.docker.socket")
      : endpoint_(std::move(endpoint)), http_(http), clock_(clock), key_(std::move(key)) {}

  // All containers, running or not. Negotiates the version first, at the beginning and after an
  // error. Errors say what cures them: no socket (NotFound), no permission (Unauthorized).
  Result<ContainerList> List(size_t limit, Time deadline, std::stop_token stop);

  // In the order of the ids.
  std::vector<Result<Inspection>> Inspect(const std::vector<std::string>& ids, Time deadline,
                                          std::stop_token stop);

  // Starts, stops, kills, deaths and out-of-memory kills in [since, until]; of Podman no deaths,
  // and all since. Docker remembers its last 256 events of any kind, so this may be incomplete.
  Result<std::vector<Event>> Events(Time since, Time until, Time deadline, std::stop_token stop);

  // Streams what the container wrote to stdout, with its times (log_frames.h), to `on_data`, which
  // also gets the body of an error and may return false to stop: then the error is kCancelled.
  Result<void> Logs(const LogQuery& query, const std::function<bool(std::string_view)>& on_data,
                    Time deadline, std::stop_token stop);

  // Podman does not tell health in its list. Known after List().
  bool is_podman() const { return is_podman_; }

 private:
  HttpRequest Get(std::string path, std::string query, Time deadline) const;
  Result<HttpResponse> Ask(const HttpRequest& request, std::string_view what, std::stop_token stop);
  Result<void> Negotiate(Time deadline, std::stop_token stop);
  Error Explain(Error error) const;

  const HttpEndpoint endpoint_;
  HttpClient& http_;
  Clock& clock_;
  const std::string key_;
  std::optional<std::string> version_;  // "/v1.41" or ""; unset: to be negotiated
  bool is_podman_ = false;
};

}  // namespace aiops::docker
