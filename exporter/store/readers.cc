#include "store/readers.h"

namespace aiops {

ReaderPool::Lease::~Lease() {
  if (db_ == nullptr || db_->NeedsReopen()) return;
  std::lock_guard lock(pool_->mutex_);
  if (pool_->idle_.size() < kMaxIdle) pool_->idle_.push_back(std::move(db_));
}

Result<ReaderPool::Lease> ReaderPool::Borrow() {
  std::shared_lock use(file_);
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto db = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(use), std::move(db));
    }
  }
  AIOPS_TRY(auto db, Database::Open(path_, {.query_only = true, .busy_timeout = busy_timeout_}));
  return Lease(*this, std::move(use), std::move(db));
}

std::unique_lock<std::shared_mutex> ReaderPool::Block() {
  std::unique_lock exclusive(file_);
  std::lock_guard lock(mutex_);
  idle_.clear();
  return exclusive;
}

}  // namespace aiops
