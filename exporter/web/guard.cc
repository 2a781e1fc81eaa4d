#include "web/guard.h"

#include <arpa/inet.h>

#include <algorithm>

#include "text/sanitize.h"

namespace aiops {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool IsIpLiteral(const std::string& host) {
  unsigned char address[16];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

// "https://Host:443/path" -> "https://host": scheme and authority, without the scheme's own port.
std::string OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string origin = Lower(url.substr(0, url.find_first_of("/?#", scheme + 3)));
  for (const std::string_view port : {":80", ":443"}) {
    const bool default_port = origin.starts_with(port == ":80" ? "http://" : "https://");
    if (default_port && origin.ends_with(port)) origin.resize(origin.size() - port.size());
  }
  return origin;
}

std::string AuthorityOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = url.substr(scheme + 3);
  return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

bool AllowedHost(const GuardOptions& options, const std::string& host) {
  if (host.empty()) return false;
  if (host == "localhost" || IsIpLiteral(host)) return true;
  if (host == HostOf(AuthorityOf(options.external_url))) return true;
  return std::any_of(options.allowed_hosts.begin(), options.allowed_hosts.end(),
                     [&](const std::string& allowed) { return HostOf(allowed) == host; });
}

}  // namespace

std::string HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return Lower(authority.substr(1, authority.find(']') - 1));
  // A bare IPv6 address, as a person writes it into allowed_hosts, has colons but no port.
  if (std::count(authority.begin(), authority.end(), ':') == 1) {
    authority = authority.substr(0, authority.find(':'));
  }
  std::string host = Lower(authority);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

std::optional<std::string> RefuseForeign(const GuardOptions& options, const WebRequest& request) {
  const std::string host = HostOf(request.host);
  if (!AllowedHost(options, host)) {
    return "the host '" + Sanitize(host, 100) +
           "' is not one of ours: add it to web.allowed_hosts, or set web.external_url";
  }
  if (request.origin.empty()) return std::nullopt;
  const std::string origin = OriginOf(request.origin);
  const std::string own = OriginOf((request.tls ? "https://" : "http://") + request.host);
  const bool external = !options.external_url.empty() && origin == OriginOf(options.external_url);
  if (!origin.empty() && (origin == own || external)) return std::nullopt;
  return "the request comes from a page of '" + Sanitize(request.origin, 100) +
         "': set web.external_url to that address if it is this daemon's, and see "
         "web.allowed_hosts";
}

}  // namespace aiops
