// What is kept of trainings: the model in use, few of those before, few of those not taken.
#include <gmock/gmock.h>

#include "store/sqlite.h"
#include "unit/store/store_testing.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;

class StoreModels : public EitherStore {
 protected:
  StoredModel ModelOf(int minute, ModelState state = ModelState::kInUse,
                      const EntityKey& key = kHost) const {
    StoredModel model;
    model.record.key = key;
    model.record.state = state;
    model.record.trained_at = At(minute);
    if (state == ModelState::kInUse) {
      model.record.used_from = At(minute);
      model.value = "model of " + std::to_string(minute);
    }
    return model;
  }
  void Add(int minute, ModelState state = ModelState::kInUse, const EntityKey& key = kHost) {
    Commit({.models = {ModelOf(minute, state, key)}});
  }
  void Use(std::int64_t id, int minute) {
    ModelRecord record = store_->ReadModel(id).value()->record;
    record.used_from = At(minute);
    Commit({.use_models = {record}});
  }
  std::vector<std::int64_t> Ids(const ModelQuery& query = {}) const {
    std::vector<std::int64_t> ids;
    const auto models = store_->ReadModels(query);
    EXPECT_TRUE(models) << models.error().message;
    for (const ModelRecord& model : *models) ids.push_back(model.id);
    return ids;
  }
  std::string InUse(const EntityKey& key = kHost) const {
    const auto model = store_->ReadModelInUse(key);
    EXPECT_TRUE(model) << model.error().message;
    return *model ? (*model)->value : "none";
  }
};

INSTANTIATE_TEST_SUITE_P(OnDiskAndInMemory, StoreModels, ::testing::Bool());

TEST_P(StoreModels, AllThatIsSaidOfOneReadsBack) {
  StoredModel model = ModelOf(3);
  ModelRecord& m = model.record;
  m.reason = "because";
  m.why = "schedule";
  m.rows = 900;
  m.first_sample = At(1);
  m.last_sample = At(2);
  m.excluded = {1, 0, 70'000, 4, 5};
  m.trial = {100, 7, 3, true};
  m.bytes = 200'000;
  m.schema = 0x7fff'ffff'ffff'ffff;
  model.value = std::string("\0\xff", 2);
  Commit({.models = {model}});
  const auto read = store_->ReadModel(1).value();
  ASSERT_TRUE(read);
  const ModelRecord& r = read->record;
  EXPECT_EQ(read->value, model.value);
  EXPECT_EQ(r.key, kHost);
  EXPECT_EQ(r.state, ModelState::kInUse);
  EXPECT_EQ(r.reason + "/" + r.why, "because/schedule");
  EXPECT_THAT((std::vector{r.trained_at, *r.used_from, r.first_sample, r.last_sample}),
              ElementsAre(At(3), At(3), At(1), At(2)));
  EXPECT_EQ(r.rows, 900u);
  EXPECT_EQ(r.excluded, m.excluded);
  EXPECT_EQ(r.trial.rows, 100u);
  EXPECT_EQ(r.trial.alerts, 7u);
  EXPECT_EQ(r.trial.alerts_in_use, 3u);
  EXPECT_TRUE(r.trial.passed);
  EXPECT_EQ(r.bytes, 200'000u);
  EXPECT_EQ(r.schema, m.schema);
  EXPECT_FALSE(store_->ReadModel(2).value());
}

TEST_P(StoreModels, ANewOneMakesTheOneInUseAnEarlierOne) {
  Add(1);
  Add(2, ModelState::kInUse, {"server", "other"});
  Add(3);
  Add(4, ModelState::kRefused);
  EXPECT_EQ(InUse(), "model of 3");
  EXPECT_EQ(InUse({"server", "other"}), "model of 2");
  EXPECT_EQ(InUse({"server", "nobody"}), "none");
  EXPECT_THAT(Ids(), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(Ids({.entity = "host", .state = ModelState::kEarlier}), ElementsAre(1));
  EXPECT_THAT(Ids({.scope = "server", .before_id = 3, .limit = 1}), ElementsAre(2));
  EXPECT_THAT(Ids({.scope = "elsewhere"}), ElementsAre());
}

TEST_P(StoreModels, FewAreKeptAndTheirValuesGoWithThem) {
  for (int i = 1; i <= 12; ++i) Add(i, i % 2 == 0 ? ModelState::kRefused : ModelState::kInUse);
  EXPECT_THAT(Ids({.state = ModelState::kInUse}), ElementsAre(11));
  EXPECT_THAT(Ids({.state = ModelState::kEarlier}), ElementsAre(9, 7, 5));
  EXPECT_THAT(Ids({.state = ModelState::kRefused}), ElementsAre(12, 10, 8));
  Commit({.models = {ModelOf(13)}, .earlier_models = 1});
  EXPECT_THAT(Ids(), ElementsAre(13, 12, 11));
  if (!GetParam()) {
    store_.reset();
    auto db = Database::Open(path_, {}).value();
    EXPECT_EQ(db->QueryInt("SELECT count(*) FROM model_values").value(), 2);
  }
}

TEST_P(StoreModels, AnEarlierOneIsUsedAgainAndKeptAsTheOneUsedLast) {
  for (int i = 1; i <= 4; ++i) Add(i);
  Use(2, 5);
  EXPECT_EQ(InUse(), "model of 2");
  EXPECT_EQ(store_->ReadModel(2).value()->record.used_from, At(5));
  EXPECT_THAT(Ids({.state = ModelState::kEarlier}), ElementsAre(4, 3, 1));
  Add(6);
  EXPECT_THAT(Ids({.state = ModelState::kEarlier}), ElementsAre(4, 3, 2));
  Add(7);
  EXPECT_THAT(Ids({.state = ModelState::kEarlier}), ElementsAre(5, 4, 2));
}

// As it is after a database was begun anew.
TEST_P(StoreModels, OneThatIsToldTwiceIsThereOnce) {
  Add(1);
  Add(1);
  EXPECT_EQ(Ids().size(), 1u);
  ModelRecord elsewhere;
  elsewhere.id = 77;
  elsewhere.key = kHost;
  Commit({.use_models = {elsewhere}});
  EXPECT_EQ(InUse(), "model of 1");
}

TEST_P(StoreModels, AnEntityTakesItsModelsAlong) {
  Add(1);
  Add(2, ModelState::kInUse, {"server", "other"});
  Commit({.drop_models = {kHost}});
  EXPECT_EQ(InUse(), "none");
  EXPECT_THAT(Ids(), ElementsAre(2));
}

}  // namespace
}  // namespace aiops
