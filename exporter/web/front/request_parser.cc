#include "web/front/request_parser.h"

#include <algorithm>

#include "web/front/ascii.h"

namespace aiops {
namespace {

constexpr size_t kMaxChunkLine = 256;
constexpr size_t kMaxChunkDigits = 8;

constexpr Refusal kTooLarge{413, "the body is larger than 64 KiB"};
constexpr Refusal kBrokenChunk{400, "the chunked body is malformed"};

}  // namespace

RequestParser::State RequestParser::Feed(std::string_view bytes) {
  empty_ = empty_ && bytes.empty();
  while (!bytes.empty() && state() == State::kNeedsMore) bytes.remove_prefix(Take(bytes));
  return state();
}

RequestParser::State RequestParser::End() {
  if (state() == State::kNeedsMore) Refuse(Refusal{400, "the request ended before its end"});
  return state();
}

bool RequestParser::WaitsForContinue() const {
  const bool body_begins = (stage_ == Stage::kBody && head_.request.body.empty()) ||
                           (stage_ == Stage::kChunkSize && chunked_bytes_ == 0);
  return !refused_ && head_.expects_continue && body_begins;
}

RequestParser::State RequestParser::state() const {
  if (refused_) return State::kRefused;
  return stage_ == Stage::kDone ? State::kComplete : State::kNeedsMore;
}

size_t RequestParser::Take(std::string_view bytes) {
  return stage_ == Stage::kBody || stage_ == Stage::kChunk ? TakeBody(bytes) : TakeLine(bytes);
}

size_t RequestParser::TakeBody(std::string_view bytes) {
  const size_t n = std::min<std::uint64_t>(bytes.size(), missing_);
  head_.request.body.append(bytes.substr(0, n));
  missing_ -= n;
  if (stage_ == Stage::kChunk) {
    chunked_bytes_ += n;
    if (missing_ == 0) stage_ = Stage::kChunkEnd;
  } else if (missing_ == 0) {
    stage_ = Stage::kDone;
  }
  return n;
}

// A byte at a time as far as limits go, so that they strike at the same byte however it was cut.
size_t RequestParser::TakeLine(std::string_view bytes) {
  size_t n = 0;
  while (n < bytes.size()) {
    const char c = bytes[n++];
    ++(InHead() ? head_bytes_ : chunked_bytes_);
    line_ += c;
    if (OverLimit()) return n;
    if (c == '\n') break;
  }
  if (!line_.ends_with('\n')) return n;
  if (!line_.ends_with("\r\n")) {
    Refuse(Refusal{400, "a line does not end in CR and LF"});
    return n;
  }
  OnLine(std::string_view(line_).substr(0, line_.size() - 2));
  line_.clear();
  return n;
}

bool RequestParser::OverLimit() {
  if (stage_ == Stage::kRequestLine && line_.size() > kMaxRequestLine) {
    Refuse(Refusal{414, "the request line is longer than 8 KiB"});
  } else if (InHead() && head_bytes_ > kMaxRequestHead) {
    Refuse(Refusal{431, "the head of the request is larger than 16 KiB"});
  } else if (!InHead() && chunked_bytes_ > kMaxChunkedBytes) {
    Refuse(kTooLarge);
  } else if (!InHead() && line_.size() > kMaxChunkLine) {
    Refuse(kBrokenChunk);
  }
  return refused_.has_value();
}

void RequestParser::OnLine(std::string_view line) {
  switch (stage_) {
    case Stage::kRequestLine:
      Refuse(ParseRequestLine(line, head_));
      stage_ = Stage::kFields;
      return;
    case Stage::kFields:
      return line.empty() ? OnHeadEnd() : Refuse(ParseFieldLine(line, head_));
    case Stage::kChunkSize:
      return OnChunkSize(line);
    case Stage::kChunkEnd:
      if (!line.empty()) Refuse(kBrokenChunk);
      stage_ = Stage::kChunkSize;
      return;
    case Stage::kTrailers: {
      // Checked as headers are, and then forgotten: nothing here is said in a trailer.
      RequestHead ignored;
      if (!line.empty()) return Refuse(ParseFieldLine(line, ignored));
      stage_ = Stage::kDone;
      return;
    }
    default:
      return;
  }
}

void RequestParser::OnHeadEnd() {
  Refuse(FinishHead(head_, kMaxRequestBody));
  if (refused_) return;
  missing_ = head_.content_length;
  stage_ = head_.chunked ? Stage::kChunkSize : missing_ > 0 ? Stage::kBody : Stage::kDone;
}

void RequestParser::OnChunkSize(std::string_view line) {
  const std::string_view digits = line.substr(0, line.find_first_of("; \t"));
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (HexDigit(c) < 0 || digits.size() > kMaxChunkDigits) return Refuse(kBrokenChunk);
    size = size * 16 + static_cast<std::uint64_t>(HexDigit(c));
  }
  const auto control = [](char c) {
    return (c > 0 && c < ' ' && c != '\t') || c == 0 || c == 0x7f;
  };
  if (digits.empty() || std::any_of(line.begin(), line.end(), control)) return Refuse(kBrokenChunk);
  if (head_.request.body.size() + size > kMaxRequestBody) return Refuse(kTooLarge);
  missing_ = size;
  stage_ = size == 0 ? Stage::kTrailers : Stage::kChunk;
}

}  // namespace aiops
