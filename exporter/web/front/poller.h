// Poller: epoll, and a way to wake who waits in it.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "web/front/fd.h"

namespace aiops {

struct Ready {
  std::uint64_t token = 0;  // as given to Watch
  unsigned events = 0;      // EPOLLIN, ...
};

// Wake is thread-safe; the rest belongs to one thread.
class Poller {
 public:
  static Result<Poller> Open();

  // False where the system refuses. A descriptor is forgotten when it is closed.
  bool Watch(int fd, unsigned events, std::uint64_t token);
  void Change(int fd, unsigned events, std::uint64_t token);

  // What is ready, after `milliseconds` at most; -1: without limit. Empty after Wake, too.
  std::vector<Ready> Wait(int milliseconds);
  void Wake() const;

 private:
  Fd epoll_, wake_;
};

}  // namespace aiops
