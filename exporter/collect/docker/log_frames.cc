#include "collect/docker/log_frames.h"

#include <algorithm>

namespace aiops::docker {

void LogFrames::Hold(std::string_view bytes) {
  const std::string_view held = bytes.substr(0, kMaxFrameBytes - text_.size());
  text_ += held;
  cut_ = cut_ || held.size() < bytes.size();
}

void LogFrames::Finish(const Sink& sink) {
  const auto stream = tty_ ? LogStream::kStdout : static_cast<LogStream>(head_[0]);
  if (!text_.empty()) sink({stream, text_, cut_});
  text_.clear();
  cut_ = false;
  head_bytes_ = 0;
}

Result<void> LogFrames::TakeHead(std::string_view& bytes) {
  const auto taken = std::min(bytes.size(), head_.size() - head_bytes_);
  std::copy_n(bytes.begin(), taken, head_.begin() + static_cast<std::ptrdiff_t>(head_bytes_));
  head_bytes_ += taken;
  bytes.remove_prefix(taken);
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(head_[i]); };
  if ((head_bytes_ > 0 && byte(0) > 3) ||
      std::any_of(
          head_.begin() + 1,
          head_.begin() + static_cast<std::ptrdiff_t>(std::clamp<size_t>(head_bytes_, 1, 4)),
          [](char c) { return c != 0; }))
    return Corruption("the engine's answer is no log of a container without a TTY");
  left_ = static_cast<std::uint32_t>(byte(4)) << 24 | static_cast<std::uint32_t>(byte(5)) << 16 |
          static_cast<std::uint32_t>(byte(6)) << 8 | byte(7);
  return {};
}

void LogFrames::FeedLines(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    const bool whole = newline != std::string_view::npos;
    const auto line = bytes.substr(0, whole ? newline + 1 : newline);
    Hold(line);
    if (whole) Finish(sink);
    bytes.remove_prefix(line.size());
  }
}

Result<void> LogFrames::Feed(std::string_view bytes, const Sink& sink) {
  if (tty_) {
    FeedLines(bytes, sink);
    return {};
  }
  while (!bytes.empty()) {
    if (head_bytes_ < head_.size()) AIOPS_TRY_VOID(TakeHead(bytes));
    if (head_bytes_ < head_.size()) break;
    const auto text = bytes.substr(0, left_);
    Hold(text);
    bytes.remove_prefix(text.size());
    left_ -= static_cast<std::uint32_t>(text.size());
    if (left_ == 0) Finish(sink);
  }
  return {};
}

}  // namespace aiops::docker
