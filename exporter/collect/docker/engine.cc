#include "collect/docker/engine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "text/sanitize.h"
#include "text/url.h"

namespace aiops::docker {
namespace {

constexpr int kMajor = 1;
constexpr int kNewestMinor = 47;
constexpr size_t kMaxInspectionBytes = 4u << 20;
constexpr size_t kMaxEventBytes = 2u << 20;
constexpr size_t kMaxLogBytes = 64u << 20;
constexpr size_t kQuotedBytes = 512;  // of a refusal
constexpr Duration kShortestTimeout = milliseconds(100);

std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

// As the engine wants it: seconds with a fraction.
std::string EventTime(Time time) {
  char text[48];
  std::snprintf(text, sizeof text, "%.3f", UnixSeconds(time));
  return text;
}

// Podman that keeps its events in a file ends an answer at `until`, however little of it was sent;
// without it and `stream` it sends what there is. Its deaths say nothing: many of its stops leave
// no other event.
std::string EventParameters(Time since, Time until, bool is_podman) {
  const std::string from = "since=" + EventTime(since);
  const std::string filters = R"({"type":["container"],"event":["start","stop","kill","oom")";
  if (is_podman) return from + "&stream=false&filters=" + UrlEncode(filters + "]}");
  return from + "&until=" + EventTime(until) + "&filters=" + UrlEncode(filters + R"(,"die"]})");
}

std::string LogParameters(const LogQuery& query) {
  std::string out = "stdout=1&stderr=0&timestamps=1&follow=0";
  if (query.since_ns > 0) {
    char since[48];
    std::snprintf(since, sizeof since, "&since=%lld.%09lld",
                  static_cast<long long>(query.since_ns / 1'000'000'000),
                  static_cast<long long>(query.since_ns % 1'000'000'000));
    out += since;
  }
  if (query.tail > 0) out += "&tail=" + std::to_string(query.tail);
  return out;
}

}  // namespace

Result<HttpEndpoint> ParseAddress(std::string_view address, TlsOptions tls) {
  HttpEndpoint endpoint;
  endpoint.tls = std::move(tls);
  std::string_view rest = address;
  if (rest.starts_with("unix://")) rest.remove_prefix(7);
  if (rest.starts_with('/')) {
    endpoint.unix_socket = rest;
    endpoint.base_url = "http://docker";
    return endpoint;
  }
  const bool has_tls = !endpoint.tls.ca_file.empty() || !endpoint.tls.cert_file.empty() ||
                       endpoint.tls.insecure_skip_verify;
  if (rest.starts_with("tcp://")) {
    rest.remove_prefix(6);
    endpoint.base_url =
        (has_tls ? "https://" : "http://") + WithoutTrailingSlashes(std::string(rest));
  } else if (rest.starts_with("http://") || rest.starts_with("https://")) {
    endpoint.base_url = WithoutTrailingSlashes(std::string(rest));
    rest.remove_prefix(rest.find("//") + 2);
  } else {
    rest = {};
  }
  if (rest.empty() || !IsHttpUrl(endpoint.base_url))
    return InvalidArgument(
        "want the path of a socket, as /var/run/docker.sock, or tcp://host:2375");
  return endpoint;
}

std::string NegotiateVersion(std::string_view offered) {
  const auto dot = offered.find('.');
  if (dot == std::string_view::npos) return "";
  const auto major = Number(offered.substr(0, dot));
  const auto minor = Number(offered.substr(dot + 1));
  if (!major || !minor) return "";
  if (*major < kMajor) return "";
  const int spoken = *major > kMajor ? kNewestMinor : std::min(*minor, kNewestMinor);
  return "v" + std::to_string(kMajor) + "." + std::to_string(spoken);
}

HttpRequest Engine::Get(std::string path, std::string query, Time deadline) const {
  HttpRequest request;
  request.path = version_.value_or("") + std::move(path);
  request.query = std::move(query);
  request.timeout = std::max(kShortestTimeout, deadline - clock_.Now());
  return request;
}

Result<HttpResponse> Engine::Ask(const HttpRequest& request, std::string_view what,
                                 std::stop_token stop) {
  auto response = http_.Send(endpoint_, request, stop);
  if (!response) return Explain(std::move(response).error());
  if (response->status == 200) return response;
  return StatusError(*response, what);
}

Result<void> Engine::Negotiate(Time deadline, std::stop_token stop) {
  version_ = "";
  const auto ping = http_.Send(endpoint_, Get("/_ping", "", deadline), stop);
  if (!ping) {
    version_.reset();
    return Explain(ping.error());
  }
  is_podman_ = !ping->Header("libpod-api-version").empty();
  auto version = NegotiateVersion(ping->Header("api-version"));
  if (version.empty()) {
    // A proxy may refuse /_ping or drop its headers.
    const auto answer = http_.Send(endpoint_, Get("/version", "", deadline), stop);
    if (answer && answer->status == 200) {
      version = NegotiateVersion(ParseApiVersion(answer->body));
      is_podman_ |= answer->body.find("Podman Engine") != std::string::npos;
    }
  }
  if (!version.empty()) version_ = "/" + version;
  return {};
}

Result<ContainerList> Engine::List(size_t limit, Time deadline, std::stop_token stop) {
  if (!version_) AIOPS_TRY_VOID(Negotiate(deadline, stop));
  auto response = Ask(Get("/containers/json", "all=1", deadline), "container engine", stop);
  auto list = response ? ParseContainers(response->body, limit)
                       : Result<ContainerList>(std::move(response).error());
  // It may have been replaced by another version.
  if (!list) version_.reset();
  return list;
}

std::vector<Result<Inspection>> Engine::Inspect(const std::vector<std::string>& ids, Time deadline,
                                                std::stop_token stop) {
  std::vector<HttpRequest> requests;
  for (const auto& id : ids) {
    requests.push_back(Get("/containers/" + id + "/json", "", deadline));
    requests.back().max_body_bytes = kMaxInspectionBytes;
  }
  std::vector<Result<Inspection>> inspections;
  for (auto& response : http_.SendAll(endpoint_, requests, stop)) {
    if (!response)
      inspections.push_back(Explain(std::move(response).error()));
    else if (response->status != 200)
      inspections.push_back(StatusError(*response, "container engine"));
    else
      inspections.push_back(ParseInspection(response->body));
    if (inspections.back()) inspections.back()->podman = is_podman_;
  }
  return inspections;
}

Result<std::vector<Event>> Engine::Events(Time since, Time until, Time deadline,
                                          std::stop_token stop) {
  auto request = Get("/events", EventParameters(since, until, is_podman_), deadline);
  request.max_body_bytes = kMaxEventBytes;
  AIOPS_TRY(const auto response, Ask(request, "container engine", stop));
  return ParseEvents(response.body);
}

Result<void> Engine::Logs(const LogQuery& query,
                          const std::function<bool(std::string_view)>& on_data, Time deadline,
                          std::stop_token stop) {
  if (!version_) AIOPS_TRY_VOID(Negotiate(deadline, stop));
  auto request = Get("/containers/" + query.id + "/logs", LogParameters(query), deadline);
  request.max_body_bytes = kMaxLogBytes;
  std::string head;
  request.on_data = [&](std::string_view data) {
    head += data.substr(0, kQuotedBytes - head.size());
    return on_data(data);
  };
  auto response = http_.Send(endpoint_, request, stop);
  if (!response) return Explain(std::move(response).error());
  if (response->status == 200) return {};
  response->body = std::move(head);
  return StatusError(*response, "container engine");
}

Error Engine::Explain(Error error) const {
  const auto& socket = endpoint_.unix_socket;
  if (socket.empty() || error.kind != ErrorKind::kUnavailable) return error;
  if (access(socket.c_str(), R_OK | W_OK) == 0) return error;
  if (errno == EACCES || errno == EPERM)
    return {ErrorKind::kUnauthorized,
            "no permission for " + Sanitize(socket) + ": point " + key_ +
                " at a read-only socket proxy (tcp://host:2375), or "
                "add this user to the socket's group (for Docker: docker, which amounts to root)"};
  if (errno == ENOENT || errno == ENOTDIR)
    return NotFound("there is no socket " + Sanitize(socket) + ": start the engine, or set " +
                    key_ + " to where its socket is");
  return error;
}

}  // namespace aiops::docker
