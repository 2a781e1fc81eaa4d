// Ctrl-C as a request to stop, so that a long run can end cleanly.
#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace aiops {

// While it lives SIGINT and SIGTERM request a stop instead of ending the process. Make it before
// other threads: they must not take the signals. Not more than one at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  sigset_t signals_;
  sigset_t before_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace aiops
