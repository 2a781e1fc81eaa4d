// Acceptor: takes connections from a listening socket, also when the process has no descriptor
// left.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "web/front/fd.h"
#include "web/front/peer.h"
#include "web/front/poller.h"

namespace aiops {

struct Accepted {
  Fd fd;  // does not block
  Peer peer;
};

// Used by one thread; clock and poller outlive it.
class Acceptor {
 public:
  Acceptor(Fd listener, const Clock& clock, Poller& poller, std::uint64_t token);

  // The next one; nothing when none waits. Out of descriptors, `make_room` closes a connection;
  // where it cannot (false), connections wait in the system for kPause.
  std::optional<Accepted> Next(const std::function<bool()>& make_room);

  // Milliseconds until Resume is due; -1: it is not paused.
  int Pause() const;
  void Resume();
  void Close() { listener_ = Fd(); }

 private:
  bool Starved(const std::function<bool()>& make_room);

  Fd listener_;
  const Clock& clock_;
  Poller& poller_;
  std::uint64_t token_;
  std::optional<std::chrono::steady_clock::time_point> paused_, logged_;
};

}  // namespace aiops
