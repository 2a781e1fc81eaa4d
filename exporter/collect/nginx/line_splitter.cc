#include "collect/nginx/line_splitter.h"

#include <cstring>

#include "collect/nginx/line_parser.h"

namespace aiops {
namespace {

std::string_view WithoutNuls(std::string_view text) {
  while (!text.empty() && text.front() == '\0') text.remove_prefix(1);
  return text;
}

}  // namespace

void LineSplitter::Line(std::string_view line, const LineSink& sink) {
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.size() > kMaxLineBytes) {
    sink({}, LineFault::kTooLong);
  } else {
    sink(line, LineFault::kNone);
  }
}

void LineSplitter::Feed(std::string_view bytes, const LineSink& sink) {
  while (!bytes.empty()) {
    const void* newline = std::memchr(bytes.data(), '\n', bytes.size());
    if (newline == nullptr) break;
    const auto length = static_cast<size_t>(static_cast<const char*>(newline) - bytes.data());
    const std::string_view line = bytes.substr(0, length);
    bytes.remove_prefix(length + 1);
    if (skipping_) {
      skipping_ = false;
      sink({}, LineFault::kTooLong);
    } else if (partial_.empty()) {
      Line(WithoutNuls(line), sink);
    } else {
      partial_.append(line);
      Line(partial_, sink);
      partial_.clear();
    }
  }
  if (skipping_) return;
  if (partial_.empty()) bytes = WithoutNuls(bytes);
  if (partial_.size() + bytes.size() > kMaxLineBytes) {
    Reset(true);
  } else {
    partial_.append(bytes);
  }
}

void LineSplitter::Finish(const LineSink& sink) {
  if (skipping_) sink({}, LineFault::kTooLong);
  if (!partial_.empty()) sink({}, LineFault::kUnfinished);
  Reset(false);
}

}  // namespace aiops
