#include "store/migrations.h"

#include <filesystem>

#include "store/files.h"

namespace aiops {

extern const char kMigration0001[];
extern const char kMigration0002[];
extern const char kMigration0003[];
extern const char kMigration0004[];
extern const char kMigration0005[];
extern const char kMigration0006[];

namespace {

// "aiop": tells our files from other programs' (PRAGMA application_id).
constexpr int kApplicationId = 0x61696f70;

constexpr Migration kAll[] = {
    {1, kMigration0001}, {2, kMigration0002}, {3, kMigration0003},
    {4, kMigration0004}, {5, kMigration0005}, {6, kMigration0006},
};

Result<void> KeepCopy(Database& db, std::int64_t version, Time now) {
  std::string copy = db.path() + ".backup-v" + std::to_string(version);
  if (std::filesystem::exists(copy)) copy += "-" + FileStamp(now);
  const std::string unfinished = copy + ".unfinished";
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  // VACUUM INTO reads through the WAL, so that the copy is whole; it does not sync.
  AIOPS_TRY_VOID(db.Run("VACUUM INTO ?1", std::string_view(unfinished)));
  AIOPS_TRY_VOID(SyncFile(unfinished));
  return Rename(unfinished, copy);
}

Result<void> Apply(Database& db, const Migration& migration) {
  AIOPS_TRY(Transaction transaction, Transaction::Begin(db, Durability::kPower));
  AIOPS_TRY_VOID(db.Execute(migration.sql));
  AIOPS_TRY_VOID(db.Execute("PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(migration.version)));
  return transaction.Commit();
}

Result<void> CheckOurs(Database& db) {
  AIOPS_TRY(const std::int64_t application, db.QueryInt("PRAGMA application_id"));
  AIOPS_TRY(const std::int64_t tables, db.QueryInt("SELECT count(*) FROM sqlite_master"));
  if (tables == 0 || application == kApplicationId) return {};
  return InvalidArgument(
      db.path() + " is another program's database; choose another store.path (AGENT_STORE_PATH)");
}

}  // namespace

std::span<const Migration> AllMigrations() { return kAll; }

Result<void> Migrate(Database& db, std::span<const Migration> migrations, Time now) {
  AIOPS_TRY_VOID(CheckOurs(db));
  AIOPS_TRY(const std::int64_t found, db.QueryInt("PRAGMA user_version"));
  const int newest = migrations.back().version;
  if (found > newest) {
    const std::string copy = db.path() + ".backup-v" + std::to_string(newest);
    std::error_code ignored;
    return InvalidArgument(db.path() + " has schema version " + std::to_string(found) +
                           ", this program knows " + std::to_string(newest) +
                           "; start the newer aiops_exporter" +
                           (std::filesystem::exists(copy, ignored)
                                ? ", or restore the copy " + copy
                                : ", or choose another store.path (AGENT_STORE_PATH)"));
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= found) continue;
    if (migration.version > 1 && found > 0)
      AIOPS_TRY_VOID(KeepCopy(db, migration.version - 1, now));
    auto applied = Apply(db, migration);
    if (!applied) {
      return std::move(applied).error().Wrap("migration to schema version " +
                                             std::to_string(migration.version));
    }
  }
  return {};
}

}  // namespace aiops
