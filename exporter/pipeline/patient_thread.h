// PatientThread: a thread that may hang in a source, and whose end is awaited only for so long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace aiops {

// Declare it last in its owner: the destructor stops and joins before the rest goes. Thread-safe.
class PatientThread {
 public:
  void Start(std::function<void(std::stop_token)> run) {
    thread_ = std::jthread([this, run = std::move(run)](std::stop_token stop) {
      run(std::move(stop));
      std::lock_guard lock(mutex_);
      ended_ = true;
      end_.notify_all();
    });
  }

  void RequestStop() { thread_.request_stop(); }

  // False if it goes on for longer than `patience`: it hangs. Then nobody may destroy its owner,
  // and IfAwaited() calls nothing any more.
  bool AwaitStop(std::chrono::steady_clock::duration patience) {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) return true;
    if (end_.wait_for(lock, patience, [this] { return ended_; })) return true;
    abandoned_ = true;
    return false;
  }

  // For the thread itself. Under the lock: whoever abandons it may destroy what is called.
  void IfAwaited(const std::function<void()>& call) {
    std::lock_guard lock(mutex_);
    if (!abandoned_) call();
  }

 private:
  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;
  bool abandoned_ = false;  // nobody waits for it
  std::jthread thread_;
};

}  // namespace aiops
