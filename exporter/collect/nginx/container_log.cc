#include "collect/nginx/container_log.h"

#include <algorithm>
#include <utility>

namespace aiops {
namespace {

constexpr size_t kMaxBytesPerPass = 32u << 20;
constexpr size_t kWiden = 16;
// Podman delivers what is later than `since`, not what is equal, and reads it as a floating point
// number.
constexpr std::int64_t kBeforeMarkNs = 1000;

std::int64_t Nanos(Time t) { return UnixMillis(t) * 1'000'000; }

bool MayGoOn(ErrorKind kind) {
  return kind == ErrorKind::kTimeout || kind == ErrorKind::kUnavailable ||
         kind == ErrorKind::kCorruption;
}

}  // namespace

AnswerPart ContainerLog::NextPart(const ContainerPlace& place) const {
  if (place.mark.count == 0) return probe_ ? AnswerPart::kProbe : AnswerPart::kSince;
  return tail_ > 0 && !place.mark_lost ? AnswerPart::kTail : AnswerPart::kSince;
}

docker::LogQuery ContainerLog::QueryFor(const ContainerPlace& place, Time now) const {
  const auto& mark = place.mark;
  switch (NextPart(place)) {
    case AnswerPart::kProbe:
      return {id_, 0, kMinTail};
    case AnswerPart::kTail:
      return {id_, 0, tail_};
    case AnswerPart::kSince:
      break;
  }
  if (mark.count == 0) return {id_, mark.time_ns, first_tail_};
  // After the engine's clock was set back, lines behind the mark have earlier times.
  return {id_, std::max<std::int64_t>(std::min(mark.time_ns - kBeforeMarkNs, Nanos(now)), 1), 0};
}

Result<void> ContainerLog::LearnTty(const ContainerPass& pass) {
  if (tty_) return {};
  const Time deadline = std::min(pass.until, pass.clock.Now() + pass.patience);
  auto inspected = std::move(pass.engine.Inspect({id_}, deadline, pass.stop).front());
  if (!inspected) return std::move(inspected).error();
  tty_ = inspected->tty;
  return {};
}

ContainerLog::Outcome ContainerLog::AfterAnswer(ContainerPlace& place, const LogAnswer& answer,
                                                ContainerCounters& counters) {
  if (answer.found()) {
    probe_ = !probe_ && place.mark.count == 0 && place.mark.time_ns > 0;
    if (probe_) return Outcome::kAskAgain;
    const size_t used = tail_ > 0 ? tail_ : kMaxTail;
    tail_ =
        std::clamp<size_t>(std::max(4 * answer.delivered_lines(), used / 4), kMinTail, kMaxTail);
    return Outcome::kWhole;
  }
  if (tail_ > 0) {
    tail_ = tail_ * kWiden <= kMaxTail ? tail_ * kWiden : 0;
  } else {
    place.mark_lost = true;
    ++counters.logs_lost;
  }
  return Outcome::kAskAgain;
}

Result<ContainerLog::Outcome> ContainerLog::Ask(ContainerPlace& place, const ContainerPass& pass,
                                                const StampedLines::Sink& deliver) {
  const Time now = pass.clock.Now();
  const auto style = pass.engine.is_podman() ? PartStyle::kPodman : PartStyle::kDocker;
  LogAnswer answer(place, *tty_, style, NextPart(place), deliver);
  bool stopped = false;
  const auto on_data = [&](std::string_view bytes) {
    answer.Feed(bytes);
    stopped = answer.delivered_bytes() >= kMaxBytesPerPass || pass.stop.stop_requested() ||
              pass.clock.Now() > pass.until;
    return !stopped;
  };
  const auto asked = pass.engine.Logs(QueryFor(place, now), on_data,
                                      std::min(pass.until, now + pass.patience), pass.stop);
  pass.counters.bytes_read += answer.bytes();
  pass.counters.lines_read += answer.delivered_lines();
  const bool got_on = answer.delivered_lines() > 0;
  if (stopped || (!asked && got_on && MayGoOn(asked.error().kind))) {
    tail_ = 0;
    return Outcome::kMore;
  }
  if (!asked) return asked.error();
  if (const auto error = answer.error()) return *error;
  return AfterAnswer(place, answer, pass.counters);
}

Result<bool> ContainerLog::Read(ContainerPlace& place, const ContainerPass& pass,
                                const StampedLines::Sink& deliver) {
  const bool ended = !running_;
  AIOPS_TRY_VOID(LearnTty(pass));
  while (pass.clock.Now() <= pass.until && !pass.stop.stop_requested()) {
    AIOPS_TRY(const Outcome outcome, Ask(place, pass, deliver));
    if (outcome == Outcome::kMore) return false;
    if (outcome == Outcome::kAskAgain) continue;
    settled_ = ended;
    return true;
  }
  return false;
}

}  // namespace aiops
