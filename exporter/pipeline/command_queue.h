// CommandQueue: the one way in for whatever people ask, executed by the detect thread.
#pragma once

#include <functional>
#include <future>
#include <mutex>
#include <string>

#include "base/bounded_queue.h"
#include "model/command.h"

namespace aiops {

// How a command ended, in HTTP's terms because every way in understands them.
struct CommandResult {
  int status = 200;          // 200, 202, 400, 404, 409, 429, 503
  std::string json;          // the body: the result, or {"error": "..."}
  std::string outcome = {};  // the same in words for the audit trail; empty: what the status says
};

struct PendingCommand {
  Command command;
  std::promise<CommandResult> done;
};

// Bounded: a full queue answers 503 at once. Thread-safe.
class CommandQueue {
 public:
  std::future<CommandResult> Push(Command command) {
    PendingCommand pending{std::move(command), {}};
    auto result = pending.done.get_future();
    if (!queue_.TryPush(std::move(pending))) {
      std::promise<CommandResult> busy;
      busy.set_value(
          {503, R"({"error":"too many commands are waiting; try again in a few seconds"})"});
      return busy.get_future();
    }
    std::lock_guard lock(mutex_);
    if (listener_) listener_();
    return result;
  }

  // Called after every push, on the pushing thread: how the detect thread wakes. Null: nobody.
  void SetListener(std::function<void()> listener) {
    std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  std::optional<PendingCommand> TryPop() { return queue_.TryPop(); }

 private:
  std::mutex mutex_;
  std::function<void()> listener_;
  BoundedQueue<PendingCommand> queue_{64};
};

}  // namespace aiops
