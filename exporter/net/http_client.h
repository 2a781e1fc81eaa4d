// HttpClient: how every room speaks HTTP to the outside. The one real implementation is libcurl's.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace aiops {

struct TlsOptions {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string server_name;
  bool insecure_skip_verify = false;
};

// How to reach and authenticate at one server; shared by all requests to it.
struct HttpEndpoint {
  std::string base_url;     // "http://host:9090/prefix", without a trailing slash
  std::string unix_socket;  // if set, connect there; base_url still gives Host and path prefix
  std::string basic_user;
  Secret basic_password;
  Secret bearer_token;
  std::string bearer_token_file;  // read again for every request: tokens rotate
  std::vector<std::pair<std::string, Secret>> headers;
  TlsOptions tls;
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;   // appended to base_url; begins with '/', already encoded
  std::string query;  // encoded, without '?'
  std::string body;
  std::string content_type;            // of the body
  std::vector<std::pair<std::string, std::string>> headers;
  Duration timeout = seconds(10);      // for all of it, from connect to the last byte
  size_t max_body_bytes = 16u << 20;   // a longer answer is an error, not a cut answer
  // If set, receives the body as it comes and `HttpResponse::body` stays empty; return false to stop.
  std::function<bool(std::string_view)> on_data;
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string_view Header(std::string_view lower_case_name) const;
};

// Thread-safe. Any status is a response, not an error; an error means that no whole answer came.
// Redirects are not followed. Errors name method and URL without credentials and query, never a header.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  virtual Result<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                                    std::stop_token stop) = 0;

  // All at once; results in the order of the requests. One that fails does not touch the others.
  virtual std::vector<Result<HttpResponse>> SendAll(const HttpEndpoint& endpoint,
                                                    std::span<const HttpRequest> requests,
                                                    std::stop_token stop) = 0;
};

std::unique_ptr<HttpClient> MakeHttpClient();

// The error of a status that is not 2xx, by kind: 401/403 unauthorized, 404 not found, 408/504 timeout,
// 429 rate limited (with Retry-After), other 4xx invalid argument, 5xx unavailable. The body is quoted
// sanitised, at most 200 bytes.
Error StatusError(const HttpResponse& response, std::string_view what);

// Percent-encodes for a query value or a path segment.
std::string UrlEncode(std::string_view text);

}  // namespace aiops
