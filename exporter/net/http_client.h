// HttpClient: how every room speaks HTTP to the outside. The one real implementation is libcurl's.
//
// Error::perhaps_done: a connection was there and something was sent.
//
// What it does for everybody: HTTP/1.1 only, kept-alive connections, gzip where both sides can,
// proxies from the environment (http_proxy, https_proxy, no_proxy) except for loopback and unix
// sockets.
//
// Kinds of errors:
//   unavailable       refused, unknown host, connection lost, half an answer, TLS handshake failed
//   or the
//                     server's certificate is not trusted (retried: a renewed certificate needs no
//                     restart)
//   timeout           no whole answer within HttpRequest::timeout
//   cancelled         stop was requested (it returns within 100 ms), or on_data returned false
//   unauthorized      bearer_token_file cannot be read: nothing was sent
//   corruption        not HTTP, or an answer longer than max_body_bytes, or headers beyond 64 KiB
//   invalid argument  a URL, method or header that cannot be sent (CR and LF are refused, not
//                     escaped), or TLS files that cannot be used
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
  std::string ca_file;    // PEM; empty: the system's
  std::string cert_file;  // client certificate, PEM
  std::string key_file;
  std::string server_name;  // for SNI and the certificate's check, instead of the URL's host
  bool insecure_skip_verify = false;
};

// How to reach and authenticate at one server; shared by all requests to it.
struct HttpEndpoint {
  std::string base_url;     // "http://host:9090/prefix", without a trailing slash
  std::string unix_socket;  // if set, connect there; base_url still gives Host and path prefix
  std::string basic_user;
  Secret basic_password;
  Secret bearer_token;            // wins over the file, and both over basic_user
  std::string bearer_token_file;  // read again for every request: tokens rotate
  std::vector<std::pair<std::string, Secret>> headers;
  TlsOptions tls;
  // Between base_url and the request's path, and never shown: for services that want their token in
  // the path ("/bot123:abc").
  Secret secret_path;
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;   // appended to base_url; begins with '/', already encoded
  std::string query;  // encoded, without '?'
  std::string body;
  std::string content_type;  // of the body
  std::vector<std::pair<std::string, std::string>> headers;
  Duration timeout = seconds(10);  // for all of it, from connect to the last byte
  // On a connection of its own: of one that is reused and turns out to be dead libcurl asks again
  // by itself, and the first may have arrived.
  bool once = false;
  size_t max_body_bytes = 16u << 20;  // decoded; a longer answer is an error, not a cut answer
  // If set, receives the body as it comes, whatever the status, on the calling thread, and
  // `HttpResponse::body` stays empty; return false to stop. Must not throw.
  std::function<bool(std::string_view)> on_data;
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  // The first of that name; empty if there is none.
  std::string_view Header(std::string_view lower_case_name) const;
};

// Thread-safe. Any status is a response, not an error; an error means that no whole answer came.
// Redirects are not followed. Errors name method and URL without credentials and query, never a
// header.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  virtual Result<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                                    std::stop_token stop) = 0;

  // All at once, over at most 64 connections; results in the order of the requests. One that fails
  // or hangs does not touch the others.
  virtual std::vector<Result<HttpResponse>> SendAll(const HttpEndpoint& endpoint,
                                                    std::span<const HttpRequest> requests,
                                                    std::stop_token stop) = 0;
};

std::unique_ptr<HttpClient> MakeHttpClient();

// The error of a status that is not 2xx, by kind: 401/403 unauthorized, 404 not found, 408/504
// timeout, 429 rate limited (with Retry-After), other 4xx invalid argument, 5xx unavailable (502
// and 504 perhaps done: a proxy knows no better). The body is quoted sanitised, at most 200 bytes.
Error StatusError(const HttpResponse& response, std::string_view what);

// Percent-encodes everything but letters, digits and "-._~": for a query value or a path segment.
std::string UrlEncode(std::string_view text);

}  // namespace aiops
