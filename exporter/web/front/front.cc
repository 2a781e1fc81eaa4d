#include "web/front/front.h"

#include "web/front/loop.h"

namespace aiops {

Result<std::unique_ptr<Front>> Front::Start(Fd listener, FrontOptions options) {
  AIOPS_TRY(Poller poller, Poller::Open());
  return std::unique_ptr<Front>(new Front(
      std::make_unique<Loop>(std::move(poller), std::move(listener), std::move(options))));
}

Front::Front(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

Front::~Front() = default;

}  // namespace aiops
