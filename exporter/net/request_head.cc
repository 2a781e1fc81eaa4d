#include "net/request_head.h"

#include <fstream>
#include <utility>

#include "text/sanitize.h"
#include "text/url.h"

namespace aiops {
namespace {

constexpr size_t kMaxTokenFileBytes = 64u << 10;

// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && kPunctuation.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

// RFC 9110, 5.5: visible characters, space, tab and bytes beyond ASCII.
bool IsHeaderValue(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

bool IsUrlText(std::string_view text) {
  for (const char c : text)
    if (const auto byte = static_cast<unsigned char>(c); byte <= 0x20 || byte >= 0x7f) return false;
  return true;
}

// The host of "http://user@host:port/path", brackets included.
std::string_view HostOf(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find('/'));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
         host == "[::1]";
}

std::string BaseUrl(const HttpEndpoint& endpoint) {
  std::string base = endpoint.base_url;
  if (base.empty() && !endpoint.unix_socket.empty()) base = "http://localhost";
  return WithoutTrailingSlashes(std::move(base));
}

Result<void> CheckUrl(const std::string& base, const HttpEndpoint& endpoint,
                      const HttpRequest& request) {
  const bool scheme = base.starts_with("http://") || base.starts_with("https://");
  if (!scheme || HostOf(base).empty())
    return InvalidArgument("the URL must be http://host or https://host");
  if (base.find_first_of("?#") != std::string::npos)
    return InvalidArgument("the URL must not have a query or a fragment");
  const auto& secret_path = endpoint.secret_path.Reveal();
  for (const std::string_view path :
       {std::string_view(secret_path), std::string_view(request.path)}) {
    if (!path.empty() && (!path.starts_with('/') || path.find_first_of("?#") != path.npos))
      return InvalidArgument("the path must begin with '/' and have no query");
  }
  for (const std::string_view part :
       {std::string_view(base), std::string_view(secret_path), std::string_view(request.path),
        std::string_view(request.query)})
    if (!IsUrlText(part) || part.find('#', 0) != part.npos)
      return InvalidArgument("the URL has a character that must be percent-encoded");
  return {};
}

// The token, without the newline that editors leave behind.
Result<std::string> ReadToken(const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorKind::kUnauthorized,
                 "bearer token file " + Sanitize(path) + " " + std::string(why)};
  };
  std::ifstream file(path, std::ios::binary);
  std::string token(kMaxTokenFileBytes + 1, '\0');
  if (!file) return refuse("cannot be read");
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  if (file.bad()) return refuse("cannot be read");
  token.resize(static_cast<size_t>(file.gcount()));
  if (token.size() > kMaxTokenFileBytes) return refuse("is too long");
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
    token.pop_back();
  if (token.empty()) return refuse("is empty");
  return token;
}

std::string Base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    const auto at = [&](size_t j) -> unsigned {
      return j < text.size() ? static_cast<unsigned char>(text[j]) : 0u;
    };
    const unsigned bits = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out += kAlphabet[bits >> 18];
    out += kAlphabet[bits >> 12 & 63];
    out += i + 1 < text.size() ? kAlphabet[bits >> 6 & 63] : '=';
    out += i + 2 < text.size() ? kAlphabet[bits & 63] : '=';
  }
  return out;
}

// Empty: none.
Result<std::string> Authorization(const HttpEndpoint& endpoint) {
  if (!endpoint.bearer_token.empty()) return "Bearer " + endpoint.bearer_token.Reveal();
  if (!endpoint.bearer_token_file.empty()) {
    AIOPS_TRY(auto token, ReadToken(endpoint.bearer_token_file));
    return "Bearer " + token;
  }
  if (endpoint.basic_user.empty()) return std::string();
  return "Basic " + Base64(endpoint.basic_user + ":" + endpoint.basic_password.Reveal());
}

Result<void> AddHeader(RequestHead& head, const std::string& name, const std::string& value) {
  if (!IsToken(name)) return InvalidArgument("a header has a name that is not allowed");
  if (!IsHeaderValue(value))
    return InvalidArgument("header " + name + " has a control character in its value");
  // libcurl reads "Name:" as "do not send it" and "Name;" as "send it empty".
  head.headers.push_back(value.empty() ? name + ";" : name + ": " + value);
  return {};
}

Result<void> AddHeaders(RequestHead& head, const HttpEndpoint& endpoint,
                        const HttpRequest& request) {
  AIOPS_TRY(const auto authorization, Authorization(endpoint));
  if (!authorization.empty()) AIOPS_TRY_VOID(AddHeader(head, "Authorization", authorization));
  if (!request.content_type.empty())
    AIOPS_TRY_VOID(AddHeader(head, "Content-Type", request.content_type));
  for (const auto& [name, value] : endpoint.headers)
    AIOPS_TRY_VOID(AddHeader(head, name, value.Reveal()));
  for (const auto& [name, value] : request.headers) AIOPS_TRY_VOID(AddHeader(head, name, value));
  return {};
}

// Puts the TLS name into the URL in the host's place, and the host into connect_to and Host.
Result<void> ApplyServerName(RequestHead& head, std::string& base, const std::string& name) {
  if (name.empty() || !base.starts_with("https://")) return {};
  if (!IsToken(name)) return InvalidArgument("tls.server_name is not a host name");
  const std::string host(HostOf(base));
  const auto authority = base.find("://") + 3;
  const auto authority_end = base.find('/', authority);
  const auto user_end = base.rfind('@', authority_end);
  const auto at = user_end == std::string::npos || user_end < authority ? authority : user_end + 1;
  AIOPS_TRY_VOID(AddHeader(head, "Host", base.substr(at, authority_end - at)));
  base.replace(at, host.size(), name);
  head.connect_to = "::" + host + ":";
  return {};
}

Result<RequestHead> Build(const HttpEndpoint& endpoint, const HttpRequest& request) {
  RequestHead head;
  auto base = BaseUrl(endpoint);
  AIOPS_TRY_VOID(CheckUrl(base, endpoint, request));
  head.no_proxy = !endpoint.unix_socket.empty() || IsLoopback(HostOf(base));
  AIOPS_TRY_VOID(ApplyServerName(head, base, endpoint.tls.server_name));
  if (!IsToken(request.method)) return InvalidArgument("the method is not allowed");
  head.method = request.method;
  head.url = base + endpoint.secret_path.Reveal() + request.path;
  if (!request.query.empty()) head.url += "?" + request.query;
  AIOPS_TRY_VOID(AddHeaders(head, endpoint, request));
  head.shown = ShownRequest(endpoint, request);
  return head;
}

}  // namespace

std::string ShownRequest(const HttpEndpoint& endpoint, const HttpRequest& request) {
  auto shown = Sanitize(request.method, 16) + " " + StripUrl(BaseUrl(endpoint) + request.path);
  if (!endpoint.unix_socket.empty()) shown += " on " + Sanitize(endpoint.unix_socket);
  return shown;
}

Result<RequestHead> BuildRequestHead(const HttpEndpoint& endpoint, const HttpRequest& request) {
  auto head = Build(endpoint, request);
  if (!head) return std::move(head).error().Wrap(ShownRequest(endpoint, request));
  return head;
}

}  // namespace aiops
