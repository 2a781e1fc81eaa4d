#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/prometheus/fact_query.h"
#include "collect/prometheus/held_facts.h"

namespace aiops::prom {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Time kStart = FromUnixMillis(1'700'000'000'000);

const FactQuery& BuiltIn(const std::string& name) {
  static const auto all = BuiltInFactQueries({.targets_down = true, .filesystems = true});
  for (const auto& query : all)
    if (query.name == name) return query;
  ADD_FAILURE() << "no " << name;
  return all.front();
}

TEST(MakeFact, TargetDownIsNamedByJobAndInstance) {
  const Series series{{{"instance", "nas:9100"}, {"job", "node"}, {"room", "attic"}}, 0};
  const auto fact = MakeFact(BuiltIn("target_down"), series, "");
  EXPECT_EQ(fact.name, "target_down");
  EXPECT_EQ(fact.object, "node/nas:9100");
  EXPECT_EQ(fact.entity, "");
  EXPECT_EQ(fact.severity, Severity::kWarning);
  EXPECT_EQ(fact.summary, "Prometheus cannot scrape node/nas:9100");
  EXPECT_THAT(fact.details, ElementsAre(std::pair("instance", "nas:9100"), std::pair("job", "node"),
                                        std::pair("room", "attic"), std::pair("value", "0")));
}

TEST(MakeFact, FilesystemNamesHostAndMount) {
  const Series series{{{"instance", "nas:9100"}, {"mountpoint", "/srv"}}, 97.04};
  const auto fact = MakeFact(BuiltIn("filesystem_full"), series, "instance");
  EXPECT_EQ(fact.object, "nas:9100 /srv");
  EXPECT_EQ(fact.summary, "/srv on nas:9100 is 97.0 % full");
  EXPECT_EQ(fact.severity, Severity::kCritical);
  EXPECT_EQ(fact.entity, "nas:9100");
  EXPECT_EQ(fact.labels, (Labels{{"instance", "nas:9100"}}));
}

TEST(MakeFact, OwnFactIsNamedByItsLabelValues) {
  const FactQuery query{"backup_too_old", "expr", Severity::kCritical};
  const auto fact = MakeFact(query, {{{"host", "nas"}, {"set", "photos"}}, 90000.5}, "instance");
  EXPECT_EQ(fact.object, "nas/photos");
  EXPECT_EQ(fact.entity, "");
  EXPECT_EQ(fact.summary, "backup_too_old holds for nas/photos: the value is 90000.5");
  const auto bare = MakeFact(query, {{}, kMissing}, "");
  EXPECT_EQ(bare.object, "");
  EXPECT_EQ(bare.summary, "backup_too_old holds: the value is missing");
}

class HeldFactsTest : public ::testing::Test {
 protected:
  static Fact Of(const std::string& object) {
    Fact fact{.name = "late", .object = object};
    fact.summary = object + " is late";
    fact.details = {{"a", "b"}};
    return fact;
  }
  std::vector<Fact> At(HeldFacts& facts, Time tick, std::vector<Fact> seen, bool complete = true) {
    facts.Update(query_, std::move(seen), complete, tick);
    return facts.Held({query_}, tick);
  }

  FactQuery query_{"late", "late > 1", Severity::kWarning, minutes(2)};
  HeldFacts facts_;
};

TEST_F(HeldFactsTest, FactIsReportedOnceItHasHeldLongEnoughAndKeepsItsBeginning) {
  EXPECT_THAT(At(facts_, kStart, {Of("a")}), IsEmpty());
  EXPECT_THAT(At(facts_, kStart + minutes(1), {Of("a"), Of("b")}), IsEmpty());
  const auto held = At(facts_, kStart + minutes(2), {Of("a"), Of("b")});
  ASSERT_THAT(held, ElementsAre(Field(&Fact::object, "a")));
  EXPECT_EQ(held[0].since, kStart);
  EXPECT_THAT(At(facts_, kStart + minutes(3), {Of("b")}), ElementsAre(Field(&Fact::object, "b")));
}

TEST_F(HeldFactsTest, InterruptionBeginsAnew) {
  At(facts_, kStart, {Of("a")});
  At(facts_, kStart + minutes(1), {});
  EXPECT_THAT(At(facts_, kStart + minutes(2), {Of("a")}), IsEmpty());
}

TEST_F(HeldFactsTest, FactWithoutHoldIsReportedAtOnce) {
  query_.hold = {};
  EXPECT_THAT(At(facts_, kStart, {Of("a")}), SizeIs(1));
}

TEST_F(HeldFactsTest, WhatAPartialAnswerDoesNotShowHasNotEnded) {
  query_.hold = {};
  At(facts_, kStart, {Of("a"), Of("b")});
  EXPECT_THAT(At(facts_, kStart + minutes(1), {Of("b")}, false), SizeIs(2));
  EXPECT_THAT(At(facts_, kStart + minutes(2), {Of("b")}), SizeIs(1));
}

TEST_F(HeldFactsTest, WhatCannotBeAskedHasNotEnded) {
  query_.hold = {};
  At(facts_, kStart, {Of("a")});
  EXPECT_THAT(facts_.Held({query_}, kStart + minutes(1)), SizeIs(1));
}

TEST_F(HeldFactsTest, FactsOfARemovedQueryAreForgotten) {
  query_.hold = {};
  At(facts_, kStart, {Of("a")});
  EXPECT_THAT(facts_.Held({}, kStart + minutes(1)), IsEmpty());
}

TEST_F(HeldFactsTest, CheckpointCarriesEverythingOverARestart) {
  At(facts_, kStart, {Of("a")});
  At(facts_, kStart + minutes(2), {Of("a"), Of("b")});
  HeldFacts restored;
  ASSERT_TRUE(restored.Restore(facts_.Checkpoint(kStart + minutes(2))));
  const auto held = restored.Held({query_}, kStart + minutes(3));
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].since, kStart);
  EXPECT_EQ(held[0].summary, "a is late");
  EXPECT_THAT(held[0].details, ElementsAre(std::pair("a", "b")));
  EXPECT_THAT(At(restored, kStart + minutes(4), {Of("a"), Of("b")}), SizeIs(2));
}

TEST_F(HeldFactsTest, AfterALongGapPendingBeginsAnewButHeldGoesOn) {
  At(facts_, kStart, {Of("a")});
  At(facts_, kStart + minutes(2), {Of("a"), Of("b")});
  HeldFacts restored;
  ASSERT_TRUE(restored.Restore(facts_.Checkpoint(kStart + minutes(2))));
  const auto later = kStart + hours(2);
  EXPECT_THAT(At(restored, later, {Of("a"), Of("b")}), ElementsAre(Field(&Fact::object, "a")));
}

TEST_F(HeldFactsTest, BrokenCheckpointIsAnErrorAndChangesNothing) {
  query_.hold = {};
  At(facts_, kStart, {Of("a")});
  for (const char* broken :
       {"", "{", "[]", "7", "null", "\xff", R"({"version":2,"tick":1,"facts":[]})",
        R"({"version":1,"tick":"1","facts":[]})", R"({"version":1,"tick":1,"facts":{}})"}) {
    const auto restored = facts_.Restore(broken);
    ASSERT_FALSE(restored) << broken;
    EXPECT_EQ(restored.error().kind, ErrorKind::kCorruption);
  }
  EXPECT_THAT(facts_.Held({query_}, kStart), SizeIs(1));
  EXPECT_TRUE(facts_.Restore(
      R"({"version":1,"tick":1,"facts":[1,{},{"name":1},{"name":"x","since":1e300},{"name":"late","since":"1"}]})"));
  EXPECT_THAT(facts_.Held({query_}, kStart), IsEmpty());
}

TEST_F(HeldFactsTest, ClockThatWentBackDoesNotPutTheBeginningIntoTheFuture) {
  query_.hold = {};
  At(facts_, kStart, {Of("a")});
  const auto held = At(facts_, kStart - hours(1), {Of("a")});
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].since, kStart - hours(1));
}

}  // namespace
}  // namespace aiops::prom
