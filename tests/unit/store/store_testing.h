// What the store's tests share: a store in a folder of its own, sample changes.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "fakes/manual_clock.h"
#include "store/store.h"
#include "unit/test_folder.h"

namespace aiops {

inline const EntityKey kHost{"server", "host"};

inline Sample SampleOf(Time time, std::vector<double> values, EntityKey key = kHost) {
  return {std::move(key), time, /*schema=*/7, /*flags=*/0, std::move(values)};
}

inline Anomaly AnomalyOf(std::int64_t id, Time seen, AnomalyState state = AnomalyState::kOpen) {
  Anomaly a;
  a.id = id;
  a.key = kHost;
  a.state = state;
  a.started_at = seen;
  a.last_seen_at = seen;
  return a;
}

inline AuditEntry AuditOf(const std::string& action, Time time, int status = 200) {
  AuditEntry entry;
  entry.time = time;
  entry.action = action;
  entry.status = status;
  return entry;
}

class StoreTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Store>> TryOpen() {
    return Store::Open({.path = path_, .busy_timeout = milliseconds(20)}, clock_);
  }
  std::unique_ptr<Store> OpenStore() {
    auto store = TryOpen();
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }

  Time At(int minute) const { return start_ + minutes(minute); }

  std::vector<Sample> AllSamples(const Store& store, const EntityKey& key = kHost) const {
    auto samples =
        store.ReadSamples({.key = key, .after = Time{}, .until = FromUnixMillis(INT64_MAX)});
    EXPECT_TRUE(samples) << samples.error().message;
    return samples ? *samples : std::vector<Sample>();
  }

  // Overwrites the file from `offset` to its end; by default all but the first page.
  void Damage(std::uintmax_t offset = 4096) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    for (; offset < std::filesystem::file_size(path_); ++offset) file.put('\x5a');
  }

  std::vector<std::string> FilesWith(const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename();
      if (name.find(part) != std::string::npos) found.push_back(name);
    }
    return found;
  }

  ManualClock clock_;
  const Time start_ = FromUnixMillis(1'700'000'000'000);
  const TestFolder scratch_;
  const std::filesystem::path folder_ = scratch_.path();
  std::string path_ = (folder_ / "aiops.db").string();
};

// A store on disk, and one in memory (the parameter says so).
class EitherStore : public StoreTest, public ::testing::WithParamInterface<bool> {
 protected:
  EitherStore() {
    if (GetParam()) path_ = ":memory:";
    store_ = OpenStore();
  }
  void Commit(const Changes& changes) {
    const auto done = store_->Commit(changes);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::unique_ptr<Store> store_;
};

// Sees every connection that is opened while it lives. Only the newest is used, and only while it
// is open: after Store::Open that is the one that writes.
class CaughtConnection {
 public:
  CaughtConnection() { EXPECT_EQ(sqlite3_auto_extension(Entry()), SQLITE_OK); }
  ~CaughtConnection() { sqlite3_cancel_auto_extension(Entry()); }
  CaughtConnection(const CaughtConnection&) = delete;
  CaughtConnection& operator=(const CaughtConnection&) = delete;

  // No page more than there are: SQLITE_FULL, as on a full disk.
  void Fill() { Execute("PRAGMA max_page_count=1"); }
  void Free() { Execute("PRAGMA max_page_count=1000000"); }
  // No text, blob or row may be longer.
  void LimitLength(int bytes) { sqlite3_limit(newest_, SQLITE_LIMIT_LENGTH, bytes); }

 private:
  static int Catch(sqlite3* db, const char**, const sqlite3_api_routines*) {
    newest_ = db;
    return SQLITE_OK;
  }
  static void (*Entry())() { return reinterpret_cast<void (*)()>(&Catch); }
  void Execute(const char* sql) {
    EXPECT_EQ(sqlite3_exec(newest_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  }
  static inline sqlite3* newest_ = nullptr;
};

// Another program that has the database open.
class ForeignConnection {
 public:
  explicit ForeignConnection(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
  }
  ~ForeignConnection() {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_close(db_);
  }
  void Execute(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << sql << ": " << (message != nullptr ? message : "");
    sqlite3_free(message);
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace aiops
