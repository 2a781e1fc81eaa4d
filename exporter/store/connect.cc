#include "store/connect.h"

#include "store/files.h"
#include "store/migrations.h"

namespace aiops {
namespace {

// Reading this much at the start is a second on an SD card. Larger files are checked by SQLite page
// by page as they are read, and a damaged page is treated then.
constexpr std::int64_t kCheckWholeBytes = 16 << 20;
constexpr std::int64_t kCountBytes = 64 << 20;

// A checkpoint writes each changed page once, however often it changed, so rarer is less wear; but
// its length bounds the longest commit (docs/store.md has the figures).
constexpr char kSetUp[] =
    "PRAGMA wal_autocheckpoint=500; PRAGMA journal_size_limit=4194304; PRAGMA foreign_keys=OFF";

Result<void> CheckSound(Database& db) {
  AIOPS_TRY_VOID(db.Run("SELECT count(*) FROM sqlite_master"));
  if (FileBytes(db.path()) > kCheckWholeBytes) return {};
  AIOPS_TRY(const std::string answer, db.QueryText("PRAGMA quick_check(1)"));
  if (answer != "ok") return Corruption(db.path() + " is damaged: " + answer);
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> ConnectWriter(const std::string& path, Duration busy_timeout) {
  AIOPS_TRY(auto db, Database::Open(
                         path, {.create = true, .busy_timeout = busy_timeout, .cache_kib = 1024}));
  AIOPS_TRY(const std::string mode, db->QueryText("PRAGMA journal_mode=WAL"));
  if (mode != "wal" && mode != "memory") {
    return InvalidArgument(
        "the file system of " + path +
        " has no shared memory (a network share?); choose another store.path (AGENT_STORE_PATH)");
  }
  AIOPS_TRY_VOID(db->Execute(kSetUp));
  return db;
}

Result<void> CheckAndMigrate(Database& db, Time now) {
  AIOPS_TRY_VOID(CheckSound(db));
  return Migrate(db, AllMigrations(), now);
}

Result<std::int64_t> ApproximateSampleRows(Database& db) {
  if (FileBytes(db.path()) <= kCountBytes) return db.QueryInt("SELECT count(*) FROM samples");
  return db.QueryInt("SELECT value FROM counters WHERE name = 'sample_rows'");
}

}  // namespace aiops
