// The head of a request, line by line (RFC 9112, 3 to 6). Pure. Strict: what two readers could
// understand differently is refused, so that no proxy before us and we disagree about a request.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

#include "web/front/refusal.h"
#include "web/http.h"

namespace aiops {

// The fields of a head that a WebRequest carries.
struct CarriedField {
  std::string_view name;
  std::string WebRequest::*value;
  bool list = false;  // may occur more than once; then joined with ", "
};
inline constexpr CarriedField kCarriedFields[] = {
    {"Host", &WebRequest::host},
    {"Origin", &WebRequest::origin},
    {"Accept", &WebRequest::accept, true},
    {"User-Agent", &WebRequest::user_agent, true},
    {"Content-Type", &WebRequest::content_type},
    {"Authorization", &WebRequest::authorization},
};

struct RequestHead {
  WebRequest request;
  bool http11 = true;
  bool chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;
  std::string authority;   // of an absolute target
  std::bitset<16> fields;  // which fields that may occur once did
};

// Both take a line without its CRLF.
Refused ParseRequestLine(std::string_view line, RequestHead& head);
Refused ParseFieldLine(std::string_view line, RequestHead& head);
// After the last line: what only the whole head can tell.
Refused FinishHead(RequestHead& head, std::uint64_t max_body);

}  // namespace aiops
