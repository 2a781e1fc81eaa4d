#include <charconv>

#include "net/http_client.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kQuotedBytes = 200;

ErrorKind KindOf(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorKind::kUnauthorized;
    case 404:
      return ErrorKind::kNotFound;
    case 408:
    case 504:
      return ErrorKind::kTimeout;
    case 429:
      return ErrorKind::kRateLimited;
    default:
      return status >= 400 && status < 500 ? ErrorKind::kInvalidArgument : ErrorKind::kUnavailable;
  }
}

// Retry-After in seconds; its other form, a date, is not worth a calendar here.
std::optional<std::chrono::seconds> RetryAfter(const HttpResponse& response) {
  const auto text = response.Header("retry-after");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::chrono::seconds(value);
}

bool Unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view HttpResponse::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_case_name) return value;
  return {};
}

Error StatusError(const HttpResponse& response, std::string_view what) {
  Error error{KindOf(response.status),
              std::string(what) + ": the server answered " + std::to_string(response.status)};
  if (const auto quoted = Sanitize(response.body, kQuotedBytes); !quoted.empty())
    error.message += ": " + quoted;
  error.perhaps_done = response.status == 502 || response.status == 504;  // a proxy's, of another
  if (response.status == 429 || response.status == 503) error.retry_after = RetryAfter(response);
  return error;
}

std::string UrlEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (Unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace aiops
