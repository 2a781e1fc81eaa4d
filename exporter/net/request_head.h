// RequestHead: what goes over the wire before the body, checked. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "net/http_client.h"

namespace aiops {

struct RequestHead {
  std::string method;
  std::string url;                   // whole, as requested
  std::string shown;                 // "GET http://host/path": safe for errors
  std::vector<std::string> headers;  // "Name: value"; may hold secrets
  bool no_proxy = false;             // loopback or a unix socket
  // Where TlsOptions::server_name stands in the URL in the host's place (libcurl has no other way
  // to ask for SNI and a check of that name): libcurl's CURLOPT_CONNECT_TO entry for the true host.
  // Else empty.
  std::string connect_to;
};

// Refuses (invalid argument) what cannot be sent without changing its meaning: control characters
// anywhere, spaces in a URL, names that are no tokens, schemes other than http and https. Reads
// bearer_token_file.
Result<RequestHead> BuildRequestHead(const HttpEndpoint& endpoint, const HttpRequest& request);

// "GET http://host/path", without credentials, query and secret path.
std::string ShownRequest(const HttpEndpoint& endpoint, const HttpRequest& request);

}  // namespace aiops
