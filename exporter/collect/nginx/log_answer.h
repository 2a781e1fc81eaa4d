// LogAnswer: one answer of a container engine, of which the lines behind a mark are delivered.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "collect/nginx/container_place.h"
#include "collect/nginx/stamped_lines.h"

namespace aiops {

// What an answer holds.
enum class AnswerPart {
  kSince,  // all from the mark on, or from before it
  kTail,   // the last entries: they may begin among the lines of the mark
  kProbe,  // the last entries, of which none is delivered: the mark becomes the last before its
           // time
};

// Not thread-safe.
class LogAnswer {
 public:
  // `place` goes on with every line that is delivered; it must outlive this, as `deliver`.
  LogAnswer(ContainerPlace& place, bool tty, PartStyle style, AnswerPart part,
            const StampedLines::Sink& deliver);

  void Feed(std::string_view bytes);

  // Whether the lines of the mark were there (or none are needed): then the answer left no gap.
  bool found() const { return found_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t delivered_bytes() const { return delivered_bytes_; }
  std::uint64_t delivered_lines() const { return delivered_lines_; }
  // Why the answer, or a part of it, is no log; the engine's words are sanitised.
  std::optional<Error> error() const;

 private:
  void OnLine(const StampedLine& line);
  bool Counted(const StampedLine& line);

  ContainerPlace& place_;
  const AnswerPart part_;
  const std::int64_t begins_ns_;  // of a place without a mark
  const StampedLines::Sink& deliver_;
  docker::LogFrames frames_;
  StampedLines lines_;
  LogMark run_;                // the lines with the last time, before the mark was found
  bool run_is_whole_ = false;  // an earlier line was there
  bool found_;
  std::uint64_t bytes_ = 0;
  std::uint64_t delivered_bytes_ = 0;
  std::uint64_t delivered_lines_ = 0;
  std::optional<Error> broken_;
};

}  // namespace aiops
