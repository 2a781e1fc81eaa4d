// Journal: commits to the store, and waits with what the store cannot take.
#pragma once

#include <deque>

#include "store/store.h"

namespace aiops {

// Owned by the detect thread. A full, locked or broken database never stops the judging: what it
// does not take waits here, in order, at most `kMaxBacklog` transactions (then the oldest samples
// go).
class Journal {
 public:
  static constexpr size_t kMaxBacklog = 1000;
  explicit Journal(Store& store) : store_(store) {}

  void Commit(Changes changes);
  // Tries again what waits.
  void Flush();
  size_t backlog() const { return waiting_.size(); }

 private:
  Store& store_;
  std::deque<Changes> waiting_;
  bool failing_ = false;
};

}  // namespace aiops
