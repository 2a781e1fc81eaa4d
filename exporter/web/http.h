// The request and the answer as our handlers see them: plain values, no server library.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aiops {

struct WebRequest {
  std::string method;  // "GET"; as sent
  std::string path;    // still percent-encoded, without the query
  std::string query;   // still percent-encoded, without '?'
  std::string host;    // the Host header, or the authority of an absolute request target
  std::string origin;  // empty if absent
  std::string accept;
  std::string content_type;  // of the body
  std::string authorization;
  std::string body;
  std::string remote;  // the peer's address
  std::string user_agent;
  std::string user;  // who authenticated; empty without users
  bool tls = false;

  // Filled by the router.
  std::map<std::string, std::string> params;  // decoded query parameters
  std::int64_t id = 0;                        // the {id} of the path
};

struct WebResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // ours only: never text from outside
};

// {"error": "<message>"} and a newline; `message` may hold any bytes.
WebResponse ErrorResponse(int status, std::string_view message);

// The reason phrase: "Not Found".
std::string_view StatusText(int status);

// Decodes a query into `params`. False, with a sentence in `error`, for broken percent-encoding,
// NUL bytes, and names that occur twice.
bool ParseQuery(std::string_view query, std::map<std::string, std::string>& params,
                std::string& error);

}  // namespace aiops
