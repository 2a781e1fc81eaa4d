#include "web/front/target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "web/front/ascii.h"

namespace aiops {
namespace {

constexpr size_t kMaxAuthority = 300;  // a DNS name has at most 253 characters

// It may be empty: "host:" means the scheme's own.
bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  unsigned port = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && stop == text.data() + text.size() && port <= 65535;
}

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
}

// Whether every '%' begins the code of a byte that is not NUL.
bool IsEncodedPath(std::string_view path) {
  for (size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 3)) {
    const std::string_view code = path.substr(at + 1, 2);
    if (code.size() != 2 || HexDigit(code[0]) < 0 || HexDigit(code[1]) < 0) return false;
    if (code == "00") return false;
  }
  return true;
}

// Takes "http://authority" or "https://authority" away from `text`.
Refused TakeAuthority(std::string_view& text, std::string& authority) {
  const size_t colon = text.find("://");
  const std::string_view scheme = text.substr(0, colon);
  if (colon == std::string_view::npos ||
      (!EqualNoCase(scheme, "http") && !EqualNoCase(scheme, "https"))) {
    return Refusal{400, "the request target is neither a path nor an http URL"};
  }
  text.remove_prefix(colon + 3);
  authority = text.substr(0, text.find_first_of("/?"));
  if (!IsAuthority(authority)) return Refusal{400, "the request target names no valid host"};
  text.remove_prefix(authority.size());
  return std::nullopt;
}

}  // namespace

bool IsAuthority(std::string_view text) {
  if (text.size() > kMaxAuthority) return false;
  if (!text.starts_with('[')) {
    const size_t colon = text.find(':');
    const bool port = colon == std::string_view::npos || IsPort(text.substr(colon + 1));
    return port && IsName(text.substr(0, colon));
  }
  const size_t end = text.find(']');
  if (end == std::string_view::npos) return false;
  const std::string_view port = text.substr(end + 1);
  unsigned char bytes[16];
  return inet_pton(AF_INET6, std::string(text.substr(1, end - 1)).c_str(), bytes) == 1 &&
         (port.empty() || (port.front() == ':' && IsPort(port.substr(1))));
}

Refused ParseTarget(std::string_view text, Target& target) {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), visible)) {
    return Refusal{400, "the request target holds bytes that must be percent-encoded"};
  }
  if (text.front() != '/') {
    if (auto refused = TakeAuthority(text, target.authority)) return refused;
  }
  const size_t question = text.find('?');
  target.path = text.substr(0, question);
  if (target.path.empty()) target.path = "/";
  if (question != std::string_view::npos) target.query = text.substr(question + 1);
  if (!IsEncodedPath(target.path)) return Refusal{400, "the path is not percent-encoded text"};
  return std::nullopt;
}

}  // namespace aiops
