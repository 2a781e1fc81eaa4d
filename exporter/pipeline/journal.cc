#include "pipeline/journal.h"

#include <algorithm>

#include "base/log.h"

namespace aiops {
namespace {

// Refused commands are not: anybody can cause as many as they like.
bool Precious(const Changes& changes) {
  return !changes.anomalies.empty() ||
         std::any_of(changes.audit.begin(), changes.audit.end(),
                     [](const AuditEntry& entry) { return entry.status < 400; });
}

}  // namespace

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
  // Beyond the bound samples are given up, oldest first; anomalies, and what people did, are kept
  // whatever it costs.
  for (size_t i = 0; waiting_.size() > kMaxBacklog && i < waiting_.size();) {
    if (!Precious(waiting_[i])) {
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      ++dropped_;
    } else {
      ++i;
    }
  }
}

}  // namespace aiops
