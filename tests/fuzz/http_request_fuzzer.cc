// Bytes of a connection. The first byte says how they are cut into pieces: the outcome must not
// depend on it.
#include <algorithm>

#include "base/result.h"
#include "text/sanitize.h"
#include "web/front/request_parser.h"

namespace {

using aiops::RequestParser;

RequestParser::State FeedAll(RequestParser& parser, std::string_view bytes, size_t piece) {
  auto state = RequestParser::State::kNeedsMore;
  while (!bytes.empty() && state == RequestParser::State::kNeedsMore) {
    const size_t n = std::min(piece, bytes.size());
    state = parser.Feed(bytes.substr(0, n));
    bytes.remove_prefix(n);
  }
  return state == RequestParser::State::kNeedsMore ? parser.End() : state;
}

void Compare(aiops::WebRequest a, aiops::WebRequest b) {
  AIOPS_CHECK(a.method == b.method && a.path == b.path && a.query == b.query && a.host == b.host);
  AIOPS_CHECK(a.body == b.body && a.body.size() <= aiops::kMaxRequestBody);
  AIOPS_CHECK(a.path.starts_with('/') && a.path.find('\0') == std::string::npos);
  for (const std::string* field : {&a.host, &a.origin, &a.accept, &a.authorization})
    AIOPS_CHECK(field->find_first_of("\r\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestParser whole, pieces;
  const auto state = FeedAll(whole, bytes, bytes.size());
  AIOPS_CHECK(state == FeedAll(pieces, bytes, 1 + data[0] % 64));
  if (state == RequestParser::State::kComplete) Compare(whole.Take(), pieces.Take());
  if (state == RequestParser::State::kRefused)
    AIOPS_CHECK(whole.refusal().status == pieces.refusal().status);
  return 0;
}
