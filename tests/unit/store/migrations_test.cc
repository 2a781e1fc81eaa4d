#include "store/migrations.h"

#include <gmock/gmock.h>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Migration kSteps[] = {
    {1, "CREATE TABLE t(x); INSERT INTO t VALUES(1)"},
    {2, "ALTER TABLE t ADD COLUMN y DEFAULT 2"},
    {3, "INSERT INTO t VALUES(3, 3); SELECT nonsense"},
};

class Migrations : public StoreTest {
 protected:
  std::unique_ptr<Database> Connect(const std::string& path) {
    return Database::Open(path, {.create = true}).value();
  }
  Result<void> MigrateTo(Database& db, size_t steps) {
    return Migrate(db, std::span(kSteps).first(steps), start_);
  }
};

TEST_F(Migrations, ANewDatabaseNeedsNoCopy) {
  auto db = Connect(path_);
  ASSERT_TRUE(MigrateTo(*db, 2));
  EXPECT_EQ(db->QueryInt("SELECT y FROM t").value(), 2);
  EXPECT_TRUE(FilesWith("backup").empty());
}

TEST_F(Migrations, AnOldDatabaseIsCopiedBeforeItIsChanged) {
  auto db = Connect(path_);
  ASSERT_TRUE(MigrateTo(*db, 1));
  ASSERT_TRUE(MigrateTo(*db, 2));
  EXPECT_EQ(db->QueryInt("PRAGMA user_version").value(), 2);
  ASSERT_THAT(FilesWith("backup"), ElementsAre("aiops.db.backup-v1"));
  auto copy = Connect(path_ + ".backup-v1");
  EXPECT_EQ(copy->QueryInt("PRAGMA user_version").value(), 1);
  EXPECT_EQ(copy->QueryInt("SELECT x FROM t").value(), 1);
}

TEST_F(Migrations, AnEarlierCopyIsKept) {
  std::ofstream(path_ + ".backup-v1") << "precious";
  auto db = Connect(path_);
  ASSERT_TRUE(MigrateTo(*db, 1));
  ASSERT_TRUE(MigrateTo(*db, 2));
  EXPECT_EQ(std::filesystem::file_size(path_ + ".backup-v1"), 8u);
  EXPECT_EQ(FilesWith("backup-v1-2023").size(), 1u);
}

TEST_F(Migrations, AStepThatFailsLeavesTheDatabaseAsItWas) {
  auto db = Connect(path_);
  ASSERT_TRUE(MigrateTo(*db, 2));
  const auto failed = MigrateTo(*db, 3);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("migration to schema version 3"));
  EXPECT_EQ(db->QueryInt("PRAGMA user_version").value(), 2);
  EXPECT_EQ(db->QueryInt("SELECT count(*) FROM t").value(), 1);
}

TEST_F(Migrations, ANewerDatabaseIsRefusedAndLeftAlone) {
  OpenStore().reset();
  ForeignConnection(path_).Execute("PRAGMA user_version=999");
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("schema version 999"));
  EXPECT_THAT(refused.error().message, HasSubstr("or choose another store.path"));
  EXPECT_FALSE(Store::IsHeld(refused.error()));
  EXPECT_TRUE(FilesWith("corrupt").empty());
}

TEST_F(Migrations, AnotherProgramsDatabaseIsRefused) {
  ForeignConnection(path_).Execute("CREATE TABLE theirs(x)");
  const auto refused = TryOpen();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("another program's database"));
}

TEST(AllMigrations, AreNumberedFromOneWithoutGaps) {
  int expected = 1;
  for (const Migration& migration : AllMigrations()) EXPECT_EQ(migration.version, expected++);
}

}  // namespace
}  // namespace aiops
