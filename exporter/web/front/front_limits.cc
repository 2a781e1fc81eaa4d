#include "web/front/front_limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace aiops {
namespace {

constexpr size_t kReserved = 192;  // for collectors, receivers, the store and the log, at least
constexpr size_t kLeast = 64;

}  // namespace

FrontLimits LimitsFor(int workers) {
  FrontLimits limits;
  limits.workers = static_cast<size_t>(workers);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
    // A followed log has up to three files open while it is rotated, and there may be 256.
    const size_t reserved = std::max<size_t>(kReserved, files.rlim_cur / 2);
    const size_t taken = reserved + 2 * limits.workers;  // the hop has two ends, both here
    const size_t left = std::max<size_t>(files.rlim_cur, taken) - taken;
    limits.connections = std::clamp(left, kLeast, limits.connections);
  }
  // Those that wait for an answer are never closed for others: some room must stay.
  limits.queued = std::min(limits.queued, limits.connections / 4);
  return limits;
}

}  // namespace aiops
