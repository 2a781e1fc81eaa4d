#include "text/url.h"

#include <algorithm>
#include <charconv>

namespace aiops {
namespace {

bool IsPort(std::string_view text) {
  int port = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  return error == std::errc() && end == last && port >= 1 && port <= 65535;
}

// "host", "host:port", "[v6]", "[v6]:port".
bool IsHostAndPort(std::string_view text) {
  size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos || host_end == 1) return false;
    ++host_end;
  } else if (text.find_first_of("[]") != std::string_view::npos) {
    return false;
  }
  if (host_end == 0) return false;
  const auto rest = text.substr(std::min(host_end, text.size()));
  return !text.empty() && (rest.empty() || (rest[0] == ':' && IsPort(rest.substr(1))));
}

}  // namespace

bool IsHttpUrl(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\') return false;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    if (text.find_first_of("?#") != std::string_view::npos) return false;
    auto authority = text.substr(0, text.find('/'));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos)
      authority.remove_prefix(at + 1);
    return IsHostAndPort(authority);
  }
  return false;
}

std::string WithoutTrailingSlashes(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace aiops
