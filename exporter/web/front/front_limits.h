// What the front bears before it refuses.
#pragma once

#include <chrono>
#include <cstddef>

namespace aiops {

struct FrontLimits {
  size_t workers = 16;             // requests served at once
  size_t queued = 256;             // complete requests that wait for a worker; more: 503
  size_t connections = 2048;       // all; for a new one somebody dispensable is closed (roster.h)
  size_t reading_per_peer = 64;    // incomplete requests of one peer (peer.h)
  size_t answer_bytes = 32 << 20;  // of one answer; more: 500
  size_t all_answer_bytes = 64 << 20;     // of all; more: who reads slowest is closed
  std::chrono::seconds request_time{10};  // from accept to a complete request; then 408
  std::chrono::seconds queue_time{10};    // then 503
  std::chrono::seconds write_time{10};    // without progress; then closed
  std::chrono::seconds linger_time{2};
  std::chrono::seconds last_answers{2};  // that a stop waits for them
};

// For so many workers, and for the descriptors that this process may have: enough are left for
// everything else.
FrontLimits LimitsFor(int workers);

}  // namespace aiops
