#include "pipeline/journal.h"

#include "base/log.h"

namespace aiops {

void Journal::Commit(Changes changes) {
  if (!changes.empty()) waiting_.push_back(std::move(changes));
  Flush();
}

void Journal::Flush() {
  while (!waiting_.empty()) {
    if (const auto done = store_.Commit(waiting_.front()); !done) {
      if (!Retryable(done.error().kind)) {
        LogError("the database refuses data for good; it is given up",
                 {{"err", done.error().message}, {"reason", ToString(done.error().kind)}});
        ++dropped_;
        waiting_.pop_front();
        continue;
      }
      if (!failing_)
        LogWarn("the database does not take data; judging goes on, data waits in memory",
                {{"err", done.error().message}, {"reason", ToString(done.error().kind)}});
      failing_ = true;
      break;
    }
    waiting_.pop_front();
  }
  if (waiting_.empty() && failing_) {
    failing_ = false;
    LogInfo("the database takes data again; nothing that waited was lost");
  }
  // Beyond the bound samples are given up, oldest first; anomalies are kept whatever it costs.
  for (size_t i = 0; waiting_.size() > kMaxBacklog && i < waiting_.size();) {
    if (waiting_[i].anomalies.empty() && waiting_[i].audit.empty()) {
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      ++dropped_;
    } else {
      ++i;
    }
  }
}

}  // namespace aiops
