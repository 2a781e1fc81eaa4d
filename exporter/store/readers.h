// ReaderPool: connections of their own for those who read, so that no reader waits for the writer.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/sqlite.h"

namespace aiops {

// Thread-safe. Opens on demand, keeps a few. Readers neither write nor checkpoint.
class ReaderPool {
 public:
  // A connection for one thread; goes back when destroyed.
  class Lease {
   public:
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Database& db() { return *db_; }

   private:
    friend class ReaderPool;
    Lease(ReaderPool& pool, std::shared_lock<std::shared_mutex> use, std::unique_ptr<Database> db)
        : pool_(&pool), use_(std::move(use)), db_(std::move(db)) {}
    ReaderPool* pool_;
    std::shared_lock<std::shared_mutex> use_;
    std::unique_ptr<Database> db_;
  };

  ReaderPool(std::string path, Duration busy_timeout)
      : path_(std::move(path)), busy_timeout_(busy_timeout) {}

  Result<Lease> Borrow();
  // Waits until nobody reads, closes all, and keeps readers out as long as the lock lives: for
  // replacing the file.
  std::unique_lock<std::shared_mutex> Block();

 private:
  static constexpr size_t kMaxIdle = 4;
  const std::string path_;
  const Duration busy_timeout_;
  std::shared_mutex file_;  // shared: reading; exclusive: replacing the file
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace aiops
