#include "collect/nginx/stamped_lines.h"

#include <algorithm>

#include "base/time.h"
#include "collect/nginx/line_parser.h"

namespace aiops {
namespace {

constexpr size_t kPartBytes = 16 * 1024;
constexpr size_t kMaxStampBytes = 40;
constexpr size_t kMaxComplaintBytes = 512;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr Time kLatest = FromUnixMillis(9'000'000'000'000);  // in the year 2255: fits nanoseconds

std::int64_t FractionNanos(std::string_view stamp) {
  const auto dot = stamp.find('.');
  if (dot == std::string_view::npos) return 0;
  std::int64_t nanos = 0;
  std::int64_t unit = kNanosPerSecond / 10;
  for (size_t i = dot + 1; i < stamp.size() && stamp[i] >= '0' && stamp[i] <= '9'; ++i) {
    nanos += (stamp[i] - '0') * unit;
    unit /= 10;
  }
  return nanos;
}

}  // namespace

std::optional<std::int64_t> TakeStamp(std::string_view& text) {
  const auto blank = text.substr(0, kMaxStampBytes).find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto stamp = text.substr(0, blank);
  const auto time = ParseTime(stamp);
  if (!time || UnixMillis(*time) < 0 || *time > kLatest) return std::nullopt;
  text.remove_prefix(blank + 1);
  return UnixMillis(FloorTo(*time, seconds(1))) / 1000 * kNanosPerSecond + FractionNanos(stamp);
}

// With a TTY the parts of a line follow each other without a break, each with the line's stamp.
std::string_view StampedLines::WithoutInnerStamps(std::string_view line) {
  const auto stamp = line.substr(0, std::min(line.find(' '), line.size() - 1) + 1);
  const size_t step = stamp.size() + kPartBytes;
  if (stamp.size() > kMaxStampBytes ||
      line.substr(std::min(step, line.size()), stamp.size()) != stamp)
    return line;
  scratch_.clear();
  for (size_t at = 0; at < line.size(); at += step) {
    auto part = line.substr(at, step);
    if (at > 0 && part.starts_with(stamp)) part.remove_prefix(stamp.size());
    scratch_ += part;
  }
  return scratch_;
}

void StampedLines::Emit(std::string_view text, bool last, const Sink& sink) {
  StampedLine line{*begun_, {}, LineFault::kNone};
  if (!joiner_.Add({text, false, last}, line.text, line.fault)) return;
  if (line.text.size() > kMaxLineBytes) line.fault = LineFault::kTooLong;
  if (line.fault != LineFault::kNone) line.text = {};
  begun_.reset();
  sink(line);
}

void StampedLines::Add(const docker::LogFrame& frame, const Sink& sink) {
  if (frame.text.empty()) return;
  std::string_view text = tty_ ? WithoutInnerStamps(frame.text) : frame.text;
  const auto stamp = TakeStamp(text);
  if (frame.stream == docker::LogStream::kEngine || !stamp) {
    complaint_ = text.substr(0, kMaxComplaintBytes);
    return;
  }
  if (frame.stream != docker::LogStream::kStdout) return;
  const bool ended = text.ends_with('\n');
  if (ended) text.remove_suffix(1);
  const bool docker = style_ == PartStyle::kDocker;
  if (docker && begun_ && *begun_ != *stamp) Emit({}, true, sink);
  if (!begun_) begun_ = stamp;
  Emit(text, tty_ || ended || frame.cut || (docker && text.size() != kPartBytes), sink);
}

}  // namespace aiops
