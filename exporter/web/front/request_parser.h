// RequestParser: bytes in; "more", one request, or why it is refused. Does no input or output and
// gives the same result however the bytes are cut into pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "web/front/refusal.h"
#include "web/front/request_head.h"

namespace aiops {

inline constexpr size_t kMaxRequestLine = 8 * 1024;   // more: 414
inline constexpr size_t kMaxRequestHead = 16 * 1024;  // more: 431
inline constexpr size_t kMaxRequestBody = 64 * 1024;  // more: 413
// What a chunked body of kMaxRequestBody may take with its sizes, extensions and trailers.
inline constexpr size_t kMaxChunkedBytes = 4 * kMaxRequestBody;

// Bounded memory: never more than the limits above. Not thread-safe.
class RequestParser {
 public:
  enum class State { kNeedsMore, kComplete, kRefused };

  // Takes the next bytes. Those behind the end of the request are ignored: there is one request.
  State Feed(std::string_view bytes);
  // No bytes will come any more: what is not complete now is refused.
  State End();

  bool empty() const { return empty_; }  // not a byte was fed
  // The client waits for "100 Continue" before it sends the body.
  bool WaitsForContinue() const;
  bool IsHead() const { return head_.request.method == "HEAD"; }

  const Refusal& refusal() const { return *refused_; }    // only when kRefused
  WebRequest Take() { return std::move(head_.request); }  // only when kComplete, once

 private:
  enum class Stage {
    kRequestLine,
    kFields,
    kBody,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailers,
    kDone
  };

  size_t Take(std::string_view bytes);
  size_t TakeLine(std::string_view bytes);
  size_t TakeBody(std::string_view bytes);
  void OnLine(std::string_view line);
  void OnHeadEnd();
  void OnChunkSize(std::string_view line);
  bool InHead() const { return stage_ == Stage::kRequestLine || stage_ == Stage::kFields; }
  bool OverLimit();
  void Refuse(Refused refused) {
    if (refused) refused_ = refused;
  }
  State state() const;

  Stage stage_ = Stage::kRequestLine;
  bool empty_ = true;
  RequestHead head_;
  Refused refused_;
  std::string line_;  // as far as it came
  size_t head_bytes_ = 0;
  size_t chunked_bytes_ = 0;   // all of a chunked body, with what frames it
  std::uint64_t missing_ = 0;  // bytes until the end of the body, or of the chunk
};

}  // namespace aiops
