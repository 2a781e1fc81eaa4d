// What a request asks for and of whom: request targets (RFC 9112, 3.2) and authorities (RFC 3986,
// 3.2). Pure.
#pragma once

#include <string>
#include <string_view>

#include "web/front/refusal.h"

namespace aiops {

// "host", "host:80", "192.0.2.1:80", "[::1]:80": a name of letters, digits, '-', '_' and '.', or an
// IP literal, and perhaps a port. No user information.
bool IsAuthority(std::string_view text);

struct Target {
  std::string path;       // still percent-encoded; begins with '/'
  std::string query;      // still percent-encoded, without '?'
  std::string authority;  // of the absolute form; empty for the origin form
};

// Origin form ("/metrics?x=1") or absolute form ("http://host/metrics"). Refused: other schemes and
// forms, bytes that must be encoded, broken percent-encoding and %00 in the path.
Refused ParseTarget(std::string_view text, Target& target);

}  // namespace aiops
