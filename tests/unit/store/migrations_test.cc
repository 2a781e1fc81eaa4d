#include "store/migrations.h"

#include <gmock/gmock.h>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

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

// A database as version 1 left it, with something in every table that a migration touches.
TEST_F(Migrations, VersionOneKeepsItsContent) {
  {
    auto db = Connect(path_);
    ASSERT_TRUE(Migrate(*db, AllMigrations().first(1), start_));
    const std::string now = std::to_string(UnixMillis(start_));
    const auto filled = db->Execute(
        "INSERT INTO entities VALUES(1, 'server', 'host', x'00');"
        "INSERT INTO judgements VALUES(1, " +
        now +
        ", 0.5, NULL, 1, 1, 0);"
        "INSERT INTO audit VALUES(3, " +
        now +
        ", 'http ann', 'acknowledged #17: a disk: sda');"
        "INSERT INTO audit VALUES(4, " +
        now +
        ", 'http 192.0.2.1', 'acknowledged #18: ');"
        "INSERT INTO audit VALUES(5, " +
        now +
        ", 'somebody', 'did something');"
        "INSERT INTO counters VALUES('anomaly_id', 41);");
    ASSERT_TRUE(filled) << filled.error().message;
  }
  const auto store = OpenStore();
  const auto audit = store->ReadAudit({}).value();
  ASSERT_EQ(audit.size(), 3u);
  EXPECT_EQ(audit[0].action + "/" + audit[0].by + "/" + audit[0].text,
            "other/somebody/did something");
  EXPECT_EQ(audit[1].object + "/" + audit[1].by + "/" + audit[1].text, "anomaly 18/192.0.2.1/");
  EXPECT_EQ(audit[2].id, 3);
  EXPECT_EQ(audit[2].time, start_);
  EXPECT_EQ(audit[2].action + "/" + audit[2].object, "acknowledge/anomaly 17");
  EXPECT_EQ(audit[2].by + "/" + audit[2].via + "/" + audit[2].text, "ann/http/a disk: sda");
  const auto judgements = store->ReadJudgements(kHost, {start_, start_}).value();
  EXPECT_EQ(judgements.at(0).score, 0.5);
  EXPECT_TRUE(judgements.at(0).features.empty());
  EXPECT_TRUE(store->CountOutbox()->empty());
  EXPECT_EQ(store->MaxAnomalyId().value(), 41);
  EXPECT_THAT(FilesWith("backup"),
              UnorderedElementsAre("aiops.db.backup-v1", "aiops.db.backup-v2", "aiops.db.backup-v3",
                                   "aiops.db.backup-v4", "aiops.db.backup-v5"));
  ForeignConnection(path_).Execute("INSERT INTO audit VALUES(9, 0, '', '', '', '', '', 0, '', '')");
}

// Names may hold any byte, also the one that separated them.
TEST_F(Migrations, ModelsOfVersionThreeStayInUse) {
  {
    auto db = Connect(path_);
    ASSERT_TRUE(Migrate(*db, AllMigrations().first(3), start_));
    const auto add = [&](const std::string& name, int value) {
      const auto added = db->Run("INSERT INTO state VALUES(?1, 7, ?2, ?3)", name, At(value),
                                 Blob{"value" + std::to_string(value)});
      ASSERT_TRUE(added) << added.error().message;
    };
    add("model\x1fserver\x1fhost", 2);
    add("model\x1fserver\x1f"
        "a\x1f"
        "b",
        1);
    add("state\x1fserver\x1fhost", 3);
  }
  const auto store = OpenStore();
  const auto models = store->ReadModels({}).value();
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].key, kHost);
  EXPECT_EQ(models[0].trained_at, At(2));
  EXPECT_EQ(models[0].used_from, At(2));
  EXPECT_EQ(models[0].state, ModelState::kInUse);
  EXPECT_EQ(models[0].schema, 7u);
  EXPECT_EQ(models[0].bytes, 6u);
  EXPECT_EQ(models[1].key, (EntityKey{"server",
                                      "a\x1f"
                                      "b"}));
  EXPECT_EQ(store->ReadModelInUse(kHost).value()->value, "value2");
  EXPECT_EQ(store->ReadModelInUse(models[1].key).value()->value, "value1");
  const auto states = store->ReadStates("").value();
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].value, "value3");
}

TEST(AllMigrations, AreNumberedFromOneWithoutGaps) {
  int expected = 1;
  for (const Migration& migration : AllMigrations()) EXPECT_EQ(migration.version, expected++);
}

}  // namespace
}  // namespace aiops
