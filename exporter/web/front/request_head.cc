#include "web/front/request_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "web/front/ascii.h"
#include "web/front/target.h"

namespace aiops {
namespace {

// Those that a route may have or refuse with 405; civetweb knows them all.
constexpr std::string_view kMethods[] = {"GET",    "HEAD",  "POST",   "PUT",
                                         "DELETE", "PATCH", "OPTIONS"};

// Places in RequestHead::fields: those of kCarriedFields, then these.
enum Place : size_t {
  kContentLength = std::size(kCarriedFields),
  kTransferEncoding,
  kExpect,
};
constexpr size_t kHost = 0;

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsAlphanumeric(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || byte == 0x7f;
  });
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

Refused ParseVersion(std::string_view version, RequestHead& head) {
  const bool formed = version.size() == 8 && version.starts_with("HTTP/") && IsDigit(version[5]) &&
                      version[6] == '.' && IsDigit(version[7]);
  if (!formed) return Refusal{400, "the request line does not end in an HTTP version"};
  head.http11 = version == "HTTP/1.1";
  if (!head.http11 && version != "HTTP/1.0") {
    return Refusal{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  return std::nullopt;
}

Refused ParseLength(std::string_view value, RequestHead& head) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), IsDigit)) {
    return Refusal{400, "Content-Length is not a number"};
  }
  const auto [stop, failed] =
      std::from_chars(value.data(), value.data() + value.size(), head.content_length);
  if (failed != std::errc()) head.content_length = UINT64_MAX;
  return std::nullopt;
}

// A field that decides how the rest is read.
Refused ParseFraming(size_t place, std::string_view value, RequestHead& head) {
  if (head.fields[place]) return Refusal{400, "a header that may occur once occurs twice"};
  head.fields.set(place);
  if (place == kContentLength) return ParseLength(value, head);
  if (place == kTransferEncoding) {
    head.chunked = EqualNoCase(value, "chunked");
    if (!head.chunked) return Refusal{501, "the only transfer coding known here is chunked"};
    return std::nullopt;
  }
  head.expects_continue = EqualNoCase(value, "100-continue");
  if (!head.expects_continue) return Refusal{417, "the only expectation known is 100-continue"};
  return std::nullopt;
}

Refused Carry(size_t place, std::string_view value, RequestHead& head) {
  const CarriedField& field = kCarriedFields[place];
  std::string& into = head.request.*field.value;
  if (head.fields[place] && !field.list) {
    return Refusal{400, "a header that may occur once occurs twice"};
  }
  if (head.fields[place]) into += ", ";
  head.fields.set(place);
  into += value;
  return std::nullopt;
}

}  // namespace

Refused ParseRequestLine(std::string_view line, RequestHead& head) {
  const size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || HasControls(line)) {
    return Refusal{400, "the request line is not a method, a target and an HTTP version"};
  }
  if (auto refused = ParseVersion(line.substr(last + 1), head)) return refused;
  head.request.method = line.substr(0, first);
  if (!IsToken(head.request.method)) return Refusal{400, "the method is not a word"};
  if (std::find(std::begin(kMethods), std::end(kMethods), head.request.method) ==
      std::end(kMethods)) {
    return Refusal{405, "nothing here answers this method"};
  }
  Target target;
  if (auto refused = ParseTarget(line.substr(first + 1, last - first - 1), target)) return refused;
  head.request.path = std::move(target.path);
  head.request.query = std::move(target.query);
  head.authority = std::move(target.authority);
  return std::nullopt;
}

Refused ParseFieldLine(std::string_view line, RequestHead& head) {
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return Refusal{400, "a header is folded over lines"};
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refusal{400, "a header has no name, or a blank before its colon"};
  }
  const std::string_view name = line.substr(0, colon), value = Trim(line.substr(colon + 1));
  if (HasControls(value)) return Refusal{400, "a header holds control characters"};
  if (EqualNoCase(name, "Content-Length")) return ParseFraming(kContentLength, value, head);
  if (EqualNoCase(name, "Transfer-Encoding")) return ParseFraming(kTransferEncoding, value, head);
  if (EqualNoCase(name, "Expect")) return ParseFraming(kExpect, value, head);
  for (size_t place = 0; place < std::size(kCarriedFields); ++place) {
    if (EqualNoCase(name, kCarriedFields[place].name)) return Carry(place, value, head);
  }
  return std::nullopt;
}

Refused FinishHead(RequestHead& head, std::uint64_t max_body) {
  if (head.fields[kContentLength] && head.fields[kTransferEncoding]) {
    return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (head.chunked && !head.http11) return Refusal{400, "HTTP/1.0 has no chunked bodies"};
  if (!head.fields[kHost] && head.http11) return Refusal{400, "the Host header is missing"};
  if (head.fields[kHost] && !IsAuthority(head.request.host)) {
    return Refusal{400, "the Host header is not a host and a port"};
  }
  if (!head.authority.empty()) head.request.host = head.authority;
  head.expects_continue = head.expects_continue && head.http11;
  if (head.content_length > max_body) return Refusal{413, "the body is larger than 64 KiB"};
  return std::nullopt;
}

}  // namespace aiops
