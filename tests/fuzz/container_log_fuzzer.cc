// What a container engine answers about a log. The first byte says how it comes (TTY, Podman) and
// in what pieces; the rest is the body.
#include <string>
#include <vector>

#include "base/result.h"
#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_answer.h"

namespace {

struct Seen {
  std::vector<std::string> lines;
  aiops::ContainerPlace place;
};

Seen Read(std::string_view body, unsigned how, size_t step, const aiops::LogMark& from) {
  Seen seen;
  seen.place.mark = from;
  const aiops::StampedLines::Sink take = [&](const aiops::StampedLine& line) {
    AIOPS_CHECK(line.text.size() <= aiops::kMaxLineBytes);
    AIOPS_CHECK(line.time_ns >= 0);
    AIOPS_CHECK(line.fault == aiops::LineFault::kNone || line.text.empty());
    seen.lines.emplace_back(line.text);
  };
  const auto style = how & 2 ? aiops::PartStyle::kPodman : aiops::PartStyle::kDocker;
  aiops::LogAnswer answer(seen.place, how & 1, style, aiops::AnswerPart::kSince, take);
  for (size_t at = 0; at < body.size(); at += step) answer.Feed(body.substr(at, step));
  AIOPS_CHECK(answer.delivered_lines() == seen.lines.size());
  static_cast<void>(answer.error());
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const unsigned how = data[0];
  const Seen whole = Read(body, how, body.size() + 1, {});
  const Seen pieces = Read(body, how, 1 + how / 4, {});
  AIOPS_CHECK(whole.lines == pieces.lines && whole.place.mark == pieces.place.mark);
  // From where an answer ended, the same answer has nothing new, unless its times ran backwards and
  // the last lines are like earlier ones.
  const Seen again = Read(body, how, body.size() + 1, whole.place.mark);
  AIOPS_CHECK(again.lines.size() < whole.lines.size() || whole.lines.empty());
  return 0;
}
