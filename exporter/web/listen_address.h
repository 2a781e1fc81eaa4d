// Where the server listens, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "web/front/fd.h"

namespace aiops {

struct ListenAddress {
  std::string host;  // an IP literal without brackets; empty: all addresses, IPv4 and IPv6
  int port = 0;      // 0: the system chooses
  bool ipv6 = false;
};

// "127.0.0.1:8100", ":8100", "[::1]:8100", "localhost:8100". Names other than localhost are
// refused.
Result<ListenAddress> ParseListenAddress(std::string_view text);

// A socket that listens there and does not block. [::] takes IPv4, too, as Go's servers do; an
// empty host takes IPv4 alone where the machine has no IPv6. One sentence that says what to do
// where it fails.
Result<Fd> Listen(const ListenAddress& address);

// The port that a listening socket got; 0 where it has none.
int PortOf(const Fd& listener);

}  // namespace aiops
