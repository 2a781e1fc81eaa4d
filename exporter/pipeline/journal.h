// Journal: commits to the store, and waits with what the store cannot take.
#pragma once

#include <cstdint>
#include <deque>

#include "store/store.h"

namespace aiops {

// Owned by the detect thread. A full, locked or broken database never stops the judging: what it
// does not take waits here, in order, at most `kMaxBacklog` transactions (then the oldest samples
// go). What it refuses for good is dropped, counted and logged: it would block all that follows.
class Journal {
 public:
  static constexpr size_t kMaxBacklog = 1000;
  explicit Journal(Store& store) : store_(store) {}

  void Commit(Changes changes);
  // Tries again what waits.
  void Flush();
  size_t backlog() const { return waiting_.size(); }
  // Transactions that were given up: refused for good, or too many to wait.
  std::uint64_t dropped() const { return dropped_; }

 private:
  Store& store_;
  std::deque<Changes> waiting_;
  std::uint64_t dropped_ = 0;
  bool failing_ = false;
};

}  // namespace aiops
