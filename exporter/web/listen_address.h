// Where the server listens, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace aiops {

struct ListenAddress {
  std::string host;  // an IP literal without brackets; empty: all addresses
  int port = 0;      // 0: the system chooses
  bool ipv6 = false;
};

// "127.0.0.1:8100", ":8100", "[::1]:8100", "localhost:8100". Names other than localhost are
// refused.
Result<ListenAddress> ParseListenAddress(std::string_view text);

// Tries to bind it and lets go again: one sentence that says what to do where that fails. A port
// that somebody takes between this and the real bind is still noticed then, with fewer words.
Result<void> ProbeListenAddress(const ListenAddress& address);

// Connects to it and lets go again: wakes a thread that waits in accept. Failing is no harm.
void Knock(const ListenAddress& address);

}  // namespace aiops
