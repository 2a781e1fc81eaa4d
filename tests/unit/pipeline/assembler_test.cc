#include "pipeline/assembler.h"

#include <gtest/gtest.h>

#include <limits>

#include "pipeline_testing.h"

namespace aiops {
namespace {

Answer AnswerOf(size_t collector, const Tick& tick, Result<Collected> result) {
  return {collector, tick, std::move(result), {}};
}

Collected OneReading(std::uint32_t feature, double value, Labels labels = {}) {
  Collected out;
  out.readings.push_back({{0, feature}, std::move(labels), value});
  return out;
}

class AssemblerTest : public ::testing::Test {
 protected:
  AssemblerTest() {
    scopes_.push_back(ShippedScope(false));
    scopes_[0].interval = minutes(1);
  }
  Assembled Join(const std::vector<Answer>& answers) {
    return Assemble(scopes_, "nas", tick_, answers);
  }
  std::vector<Scope> scopes_;
  Tick tick_ = MinuteTick(0);
};

TEST_F(AssemblerTest, OneVectorOfElevenFeaturesFromSeveralCollectors) {
  Collected logs;
  Collected host;
  for (std::uint32_t f = 0; f < 6; ++f) logs.readings.push_back({{0, f}, {}, 1.0 * f});
  for (std::uint32_t f = 6; f < 11; ++f) host.readings.push_back({{0, f}, {}, 1.0 * f});
  const Assembled out = Join({AnswerOf(1, tick_, host), AnswerOf(0, tick_, logs)});
  ASSERT_EQ(out.samples.size(), 1u);
  const Sample& sample = out.samples[0];
  EXPECT_EQ(sample.key, (EntityKey{"server", "nas"}));
  EXPECT_EQ(sample.time, tick_.end);
  EXPECT_EQ(sample.flags, 0u);
  EXPECT_EQ(sample.schema, SchemaHash(scopes_[0]));
  EXPECT_THAT(sample.values, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST_F(AssemblerTest, ACollectorThatFailsLeavesItsFeaturesMissing) {
  const Assembled out =
      Join({AnswerOf(0, tick_, OneReading(2, 7)), AnswerOf(1, tick_, Unavailable("down"))});
  ASSERT_EQ(out.samples.size(), 1u);
  ASSERT_EQ(out.samples[0].values.size(), 11u);
  EXPECT_EQ(out.samples[0].values[2], 7);
  EXPECT_TRUE(IsMissing(out.samples[0].values[3]));
  EXPECT_NEAR(Coverage(out.samples[0].values), 1.0 / 11, 1e-9);
}

TEST_F(AssemblerTest, TheDefaultEntityIsThereEvenIfNobodyAnswers) {
  const Assembled out = Join({});
  ASSERT_EQ(out.samples.size(), 1u);
  EXPECT_EQ(out.samples[0].key.entity, "nas");
  EXPECT_EQ(Coverage(out.samples[0].values), 0);
}

TEST_F(AssemblerTest, WhatIsNotFiniteIsMissing) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Collected odd = OneReading(0, kInfinity);
  odd.readings.push_back({{0, 1}, {}, -kInfinity});
  odd.readings.push_back({{0, 2}, {}, kMissing});
  const Assembled out = Join({AnswerOf(0, tick_, odd)});
  for (int f = 0; f < 3; ++f) EXPECT_TRUE(IsMissing(out.samples.at(0).values[f])) << f;
}

TEST_F(AssemblerTest, ReadingsOfFeaturesThatDoNotExistAreIgnored) {
  Collected odd = OneReading(11, 1);
  odd.readings.push_back({{7, 0}, {}, 1});
  const Assembled out = Join({AnswerOf(0, tick_, odd)});
  ASSERT_EQ(out.samples.size(), 1u);
  EXPECT_EQ(Coverage(out.samples[0].values), 0);
}

TEST_F(AssemblerTest, LabelledResultsMakeEntities) {
  scopes_[0].entity_labels = {"job", "instance"};
  Collected out_of_order = OneReading(0, 1, {{"instance", "a:9100"}, {"job", "node"}});
  out_of_order.readings.push_back({{0, 0}, {{"instance", "b:9100"}, {"job", "node"}}, 2});
  const Assembled out =
      Join({AnswerOf(0, tick_, out_of_order),
            AnswerOf(1, tick_, OneReading(1, 3, {{"instance", "a:9100"}, {"job", "node"}}))});
  ASSERT_EQ(out.samples.size(), 2u);  // and no default entity
  EXPECT_EQ(out.samples[0].key.entity, "node/a:9100");
  EXPECT_EQ(out.samples[0].values[0], 1);
  EXPECT_EQ(out.samples[0].values[1], 3);
  EXPECT_EQ(out.samples[1].key.entity, "node/b:9100");
  EXPECT_EQ(out.labels.at(out.samples[1].key), (Labels{{"instance", "b:9100"}, {"job", "node"}}));
}

TEST_F(AssemblerTest, PartialAnswersMarkTheEntitiesThatTheyTouch) {
  Collected partial = OneReading(0, 1);
  partial.partial = true;
  EXPECT_EQ(Join({AnswerOf(0, tick_, partial)}).samples.at(0).flags, kPartial);
  partial.readings.clear();
  EXPECT_EQ(Join({AnswerOf(0, tick_, partial)}).samples.at(0).flags, 0u);
}

TEST_F(AssemblerTest, ThePastComesOldestFirstAndFlagged) {
  Collected logs = OneReading(0, 1);
  logs.past.push_back({tick_.end - minutes(1), {{{0, 0}, {}, 3}}});
  logs.past.push_back({tick_.end - minutes(2), {{{0, 0}, {}, 2}}});
  logs.past.push_back({tick_.end, {{{0, 0}, {}, 9}}});  // not the past
  Collected other;
  other.past.push_back({tick_.end - minutes(2), {{{0, 1}, {}, 5}}});
  const Assembled out = Join({AnswerOf(0, tick_, logs), AnswerOf(1, tick_, other)});
  ASSERT_EQ(out.samples.size(), 1u);
  EXPECT_EQ(out.samples[0].values[0], 1);
  ASSERT_EQ(out.past.size(), 2u);
  EXPECT_EQ(out.past[0].time, tick_.end - minutes(2));
  EXPECT_EQ(out.past[0].values[0], 2);
  EXPECT_EQ(out.past[0].values[1], 5);
  EXPECT_EQ(out.past[1].values[0], 3);
  EXPECT_EQ(out.past[1].flags, kBackfill);
}

}  // namespace
}  // namespace aiops
