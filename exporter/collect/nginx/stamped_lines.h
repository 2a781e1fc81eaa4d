// StampedLines: the frames of a container's log (docker/log_frames.h) -> the lines that the program
// wrote, each with the time that the engine gave it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collect/docker/log_frames.h"
#include "collect/nginx/line_wrapper.h"
#include "collect/nginx/log_entry.h"

namespace aiops {

struct StampedLine {
  std::int64_t time_ns = 0;  // since 1970
  std::string_view text;     // without its newline; valid during the call; empty with a fault
  LineFault fault = LineFault::kNone;
};

// "2026-11-23T03:02:00.123456789Z " in front of `text` is taken off. Nullopt if it is not there.
std::optional<std::int64_t> TakeStamp(std::string_view& text);

// How an engine shows that a line goes on in the next frame.
enum class PartStyle {
  // A part of 16 KiB without a newline; all parts of a line have its time. (The last part of a line
  // lacks its newline too with Docker's driver `local`.)
  kDocker,
  kPodman,  // a part without a newline
};

// Not thread-safe. A line of which the end has not come is nowhere.
class StampedLines {
 public:
  using Sink = std::function<void(const StampedLine&)>;

  StampedLines(bool tty, PartStyle style) : tty_(tty), style_(style) {}

  void Add(const docker::LogFrame& frame, const Sink& sink);

  // The engine's own words in the last frame that was no line, or empty. Raw.
  const std::string& complaint() const { return complaint_; }

 private:
  void Emit(std::string_view text, bool last, const Sink& sink);
  std::string_view WithoutInnerStamps(std::string_view line);

  const bool tty_;
  const PartStyle style_;
  PieceJoiner joiner_;
  std::optional<std::int64_t> begun_;  // the time of the line that waits for its end
  std::string scratch_;
  std::string complaint_;
};

}  // namespace aiops
