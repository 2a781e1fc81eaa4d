// LineSplitter: cuts the bytes of a file into lines and never holds more than one line of
// kMaxLineBytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "collect/nginx/log_entry.h"

namespace aiops {

// Gets every finished line (kNone) without its newline, and every one that was given up (kTooLong,
// kUnfinished) as an empty one. The view is valid during the call.
using LineSink = std::function<void(std::string_view line, LineFault fault)>;

// Not thread-safe.
class LineSplitter {
 public:
  // NUL bytes at the beginning of a line (the hole that a truncation leaves under a writer without
  // O_APPEND) and a byte order mark are dropped.
  void Feed(std::string_view bytes, const LineSink& sink);

  // The file ends here for good: an unfinished line is reported.
  void Finish(const LineSink& sink);

  // Bytes of an unfinished line that are held here; a reader that starts anew has to read them
  // again.
  size_t held() const { return partial_.size(); }
  // Whether the bytes up to the next newline belong to a line that is too long.
  bool skipping() const { return skipping_; }

  void Reset(bool skipping) {
    partial_.clear();
    skipping_ = skipping;
  }

 private:
  void Line(std::string_view line, const LineSink& sink);

  std::string partial_;
  bool skipping_ = false;
};

}  // namespace aiops
