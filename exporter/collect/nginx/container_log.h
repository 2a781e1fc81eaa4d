// ContainerLog: one container's log, asked from its engine piece by piece.
//
// A question goes back to a little before the last line that was read, and what lies behind that
// line is delivered. To find a time an engine reads its whole log, but the last entries at once; so
// few of these are asked for, and more only if the last line is not among them.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "collect/docker/engine.h"
#include "collect/nginx/container_place.h"
#include "collect/nginx/log_answer.h"

namespace aiops {

struct ContainerCounters {
  std::uint64_t bytes_read = 0;  // of the engine's answers
  std::uint64_t lines_read = 0;
  std::uint64_t logs_lost = 0;     // the engine had thrown away what was not read yet
  std::uint64_t reads_failed = 0;  // questions without an answer
};

// For one pass over all containers.
struct ContainerPass {
  docker::Engine& engine;
  Clock& clock;
  Time until;
  Duration patience;  // with one question
  std::stop_token stop;
  ContainerCounters& counters;
};

// Not thread-safe.
class ContainerLog {
 public:
  static constexpr size_t kMinTail = 100;
  static constexpr size_t kMaxTail = 100'000;

  // `first_tail`: as long as nothing was read, at most that many of the last entries; 0: all.
  explicit ContainerLog(std::string id, size_t first_tail = 0)
      : id_(std::move(id)), first_tail_(first_tail) {}

  // Delivers what lies behind `place`. False if there is more: so much came, or the pass is over.
  Result<bool> Read(ContainerPlace& place, const ContainerPass& pass,
                    const StampedLines::Sink& deliver);

  // As the engine has just listed it. One that has ended is read to its end once after each list.
  void SetRunning(bool running) {
    running_ = running;
    settled_ = false;
  }
  bool settled() const { return settled_; }
  const std::string& id() const { return id_; }

 private:
  enum class Outcome { kWhole, kMore, kAskAgain };

  AnswerPart NextPart(const ContainerPlace& place) const;
  docker::LogQuery QueryFor(const ContainerPlace& place, Time now) const;
  Result<Outcome> Ask(ContainerPlace& place, const ContainerPass& pass,
                      const StampedLines::Sink& deliver);
  Outcome AfterAnswer(ContainerPlace& place, const LogAnswer& answer, ContainerCounters& counters);
  Result<void> LearnTty(const ContainerPass& pass);

  const std::string id_;
  const size_t first_tail_;
  bool running_ = false;
  bool settled_ = false;
  std::optional<bool> tty_;
  size_t tail_ = kMinTail;  // of the next question that has a mark to find; 0: all
  bool probe_ = false;      // nothing was there to be read: what is before may give a mark
};

}  // namespace aiops
