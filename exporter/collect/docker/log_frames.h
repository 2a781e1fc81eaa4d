// LogFrames: the body of GET /containers/{id}/logs, cut into what the engine wrote at once.
//
// Without a TTY each frame has a head of eight bytes: the stream, three zeros, the length (big
// endian). With one there are no frames, only the bytes: then every line counts as a frame of
// stdout. The body may come in pieces of any size. No more than kMaxFrameBytes are held, whatever a
// head says.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aiops::docker {

enum class LogStream : std::uint8_t { kStdin, kStdout, kStderr, kEngine };  // the last: its errors

struct LogFrame {
  LogStream stream = LogStream::kStdout;
  std::string_view text;  // valid during the call; a line keeps its newline
  bool cut = false;       // it was longer: only its first kMaxFrameBytes are here
};

// Not thread-safe.
class LogFrames {
 public:
  static constexpr size_t kMaxFrameBytes = 128 * 1024;
  using Sink = std::function<void(const LogFrame&)>;

  explicit LogFrames(bool tty) : tty_(tty) {}

  // Calls `sink` for every frame that `bytes` complete. Corruption at a head that is none: nothing
  // behind it can be read.
  Result<void> Feed(std::string_view bytes, const Sink& sink);

 private:
  Result<void> TakeHead(std::string_view& bytes);
  void Hold(std::string_view bytes);
  void Finish(const Sink& sink);
  void FeedLines(std::string_view bytes, const Sink& sink);

  const bool tty_;
  std::array<char, 8> head_{};
  size_t head_bytes_ = 0;
  std::uint32_t left_ = 0;  // of the frame
  std::string text_;
  bool cut_ = false;
};

}  // namespace aiops::docker
