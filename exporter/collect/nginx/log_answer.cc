#include "collect/nginx/log_answer.h"

#include "text/sanitize.h"

namespace aiops {

LogAnswer::LogAnswer(ContainerPlace& place, bool tty, PartStyle style, AnswerPart part,
                     const StampedLines::Sink& deliver)
    : place_(place),
      part_(part),
      begins_ns_(place.mark.time_ns),
      deliver_(deliver),
      frames_(tty),
      lines_(tty, style),
      found_(place.mark.count == 0 || place.mark_lost) {}

void LogAnswer::Feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (broken_) return;
  const StampedLines::Sink on_line = [this](const StampedLine& line) { OnLine(line); };
  auto fed =
      frames_.Feed(bytes, [&](const docker::LogFrame& frame) { lines_.Add(frame, on_line); });
  if (!fed) broken_ = std::move(fed).error();
}

bool LogAnswer::Counted(const StampedLine& line) {
  if (part_ == AnswerPart::kProbe) {
    if (line.time_ns < begins_ns_) place_.mark.Take(line);
    return true;
  }
  if (place_.mark_lost) return line.time_ns <= place_.mark.time_ns;
  if (found_) return false;
  run_is_whole_ = run_is_whole_ || (run_.count > 0 && run_.time_ns != line.time_ns);
  run_.Take(line);
  found_ = run_ == place_.mark && (run_is_whole_ || part_ == AnswerPart::kSince);
  return true;
}

void LogAnswer::OnLine(const StampedLine& line) {
  if (Counted(line)) return;
  place_.mark_lost = false;
  place_.mark.Take(line);
  ++delivered_lines_;
  delivered_bytes_ += line.text.size();
  deliver_(line);
}

std::optional<Error> LogAnswer::error() const {
  if (broken_) return broken_;
  if (lines_.complaint().empty()) return std::nullopt;
  return Corruption("the engine says instead of a line: " + Sanitize(lines_.complaint()));
}

}  // namespace aiops
