#include "web/front/answer.h"

#include <string_view>

namespace aiops {
namespace {

constexpr std::string_view kSecurityHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n";

}  // namespace

std::string RenderAnswer(const WebResponse& response, const HeaderList& common, bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += StatusText(response.status);
  out += "\r\nContent-Type: " + response.content_type;
  out += "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  out += kSecurityHeaders;
  for (const HeaderList* headers : {&common, &response.headers}) {
    for (const auto& [name, value] : *headers) out += name + ": " + value + "\r\n";
  }
  out += "\r\n";
  if (with_body) out += response.body;
  return out;
}

}  // namespace aiops
