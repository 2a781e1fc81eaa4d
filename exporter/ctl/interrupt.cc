#include "ctl/interrupt.h"

namespace aiops {
namespace {

constexpr timespec kLook{0, 100'000'000};  // how soon the thread notices its own end

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::jthread([this](std::stop_token ended) {
    while (!ended.stop_requested())
      if (sigtimedwait(&signals_, nullptr, &kLook) > 0) stop_.request_stop();
  });
}

Interrupt::~Interrupt() {
  thread_.request_stop();
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace aiops
