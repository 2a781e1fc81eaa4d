// What goes in comes out: every table (anomalies: anomalies_test.cc), on disk and in memory.
#include <bit>
#include <cmath>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class RoundTrip : public EitherStore {};

INSTANTIATE_TEST_SUITE_P(DiskAndMemory, RoundTrip, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Memory" : "Disk"; });

TEST_P(RoundTrip, SamplesComeBackBitForBit) {
  Sample sample = SampleOf(At(1), {0.1, kMissing, 0, -0.0, 1.5, 1e300, INFINITY, -17});
  sample.schema = 0xfedcba9876543210u;
  sample.flags = kMaintenance | kMuted;
  Commit({.samples = {sample}});
  const auto samples = AllSamples(*store_);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].key, kHost);
  EXPECT_EQ(samples[0].time, sample.time);
  EXPECT_EQ(samples[0].schema, sample.schema);
  EXPECT_EQ(samples[0].flags, sample.flags);
  ASSERT_EQ(samples[0].values.size(), sample.values.size());
  for (size_t i = 0; i < sample.values.size(); ++i) {
    if (IsMissing(sample.values[i])) {
      EXPECT_TRUE(IsMissing(samples[0].values[i])) << i;
    } else {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(samples[0].values[i]),
                std::bit_cast<std::uint64_t>(sample.values[i]))
          << i;
    }
  }
}

TEST_P(RoundTrip, ASampleOfTheSameTimeIsReplacedAndCountedOnce) {
  Commit({.samples = {SampleOf(At(1), {1})}});
  Commit({.samples = {SampleOf(At(1), {2}), SampleOf(At(2), {3})}});
  const auto samples = AllSamples(*store_);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].values, std::vector<double>{2});
  EXPECT_EQ(store_->health().sample_rows, 2);
}

TEST_P(RoundTrip, ASampleQueryHonoursRangeSchemaAndLimit) {
  for (int i = 1; i <= 6; ++i) {
    Sample sample = SampleOf(At(i), {static_cast<double>(i)});
    sample.schema = i <= 2 ? 1 : 2;
    Commit({.samples = {sample, SampleOf(At(i), {-1}, {"server", "other"})}});
  }
  auto firsts = [&](const SampleQuery& q) {
    std::vector<double> out;
    const auto samples = store_->ReadSamples(q).value();  // outlives the loop
    for (const auto& s : samples) out.push_back(s.values[0]);
    return out;
  };
  using V = std::vector<double>;
  EXPECT_EQ(firsts({.key = kHost, .after = At(1), .until = At(3)}), (V{2, 3}));
  EXPECT_EQ(firsts({.key = kHost, .after = At(0), .until = At(9), .schema = 1}), (V{1, 2}));
  EXPECT_EQ(firsts({.key = kHost, .after = At(0), .until = At(9), .limit = 2}), (V{5, 6}));
  EXPECT_EQ(firsts({.key = {"web", "host"}, .after = At(0), .until = At(9)}), V{});
}

TEST_P(RoundTrip, EntitiesCarryTheirLatestLabelsAndSample) {
  const Labels labels{{"namespace", "shop"}, {"pod", "a\"b\nc"}};
  Commit({.samples = {SampleOf(At(1), {1}), SampleOf(At(5), {1})},
          .entities = {{kHost, {}}, {{"server", "silent"}, {}}}});
  Commit({.entities = {{kHost, labels}}});
  const auto rows = store_->ReadEntities("server", At(0)).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, kHost);
  EXPECT_EQ(rows[0].labels, labels);
  EXPECT_EQ(rows[0].last_sample, At(5));
  EXPECT_TRUE(store_->ReadEntities("server", At(5))->empty());
  EXPECT_TRUE(store_->ReadEntities("web", At(0))->empty());
}

TEST_P(RoundTrip, JudgementsComeBackInTimeOrder) {
  Judgement loud{kHost, At(2), 1.25, 0.9, 1.5, Verdict::kCritical, Gate::kRunBudget};
  loud.features = {{"cpu", "%", 97, 30, 20, 40, 0.7}, {"disk", "", 9, 2, 1, 3, 0.3}};
  loud.features[1].gate = Gate::kMinDeviation;
  Judgement unknown{.key = kHost, .time = At(1), .gate = Gate::kWarmup};
  Commit({.judgements = {loud, unknown}});
  const auto read = store_->ReadJudgements(kHost, {At(1), At(2)}).value();
  ASSERT_EQ(read.size(), 2u);
  EXPECT_TRUE(IsMissing(read[0].score));
  EXPECT_EQ(read[0].verdict, Verdict::kUnknown);
  EXPECT_EQ(read[0].gate, Gate::kWarmup);
  EXPECT_EQ(read[1].score, 1.25);
  EXPECT_EQ(read[1].level, 0.9);
  EXPECT_EQ(read[1].threshold, 1.5);
  EXPECT_EQ(read[1].verdict, Verdict::kCritical);
  EXPECT_EQ(read[1].gate, Gate::kRunBudget);
  EXPECT_TRUE(read[0].features.empty());
  ASSERT_EQ(read[1].features.size(), 2u);
  EXPECT_EQ(read[1].features[0].upper, 40);
  EXPECT_EQ(read[1].features[0].gate, Gate::kNone);
  EXPECT_EQ(read[1].features[1].gate, Gate::kMinDeviation);
  EXPECT_EQ(store_->ReadJudgements(kHost, {At(2), At(9)})->size(), 1u);
}

TEST_P(RoundTrip, CheckpointsAndStateHoldAnyByte) {
  const std::string bytes("\0\xff'\n", 4);
  Commit({.checkpoints = {{"nginx_log", "old"}, {"docker", ""}},
          .state = {
              {"ewma/a", 1, At(1), bytes}, {"ewma/b", 2, At(2), ""}, {"forest", 3, At(3), "f"}}});
  Commit({.checkpoints = {{"nginx_log", bytes}}, .state = {{"ewma/b", 4, At(4), "new"}}});
  const auto checkpoints = store_->ReadCheckpoints().value();
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints[0].value, "");
  EXPECT_EQ(checkpoints[1].collector, "nginx_log");
  EXPECT_EQ(checkpoints[1].value, bytes);
  const auto states = store_->ReadStates("ewma/").value();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].value, bytes);
  EXPECT_EQ(states[1].schema, 4u);
  EXPECT_EQ(states[1].watermark, At(4));
  Commit({.drop_state = {"ewma/a"}});
  EXPECT_FALSE(store_->ReadState("ewma/a")->has_value());
  EXPECT_EQ(store_->ReadState("ewma/b").value()->value, "new");
}

TEST_P(RoundTrip, SchemasKeepTheirFeaturesAlsoWithoutSamples) {
  const std::uint64_t high = 0xfedcba9876543210u;
  const std::vector<std::string> features{"cpu_percent", "", std::string("a\0b", 3)};
  Commit({.schemas = {{1, {}}, {high, {"old"}}}});
  Commit({.schemas = {{high, features}}});
  ASSERT_TRUE(store_->DeleteExpired(At(999'999)));
  const auto schemas = store_->ReadSchemas().value();
  ASSERT_EQ(schemas.size(), 2u);
  EXPECT_EQ(schemas[0].schema, high);
  EXPECT_EQ(schemas[0].features, features);
  EXPECT_EQ(schemas[1].schema, 1u);
  EXPECT_TRUE(schemas[1].features.empty());
}

TEST_P(RoundTrip, OutboxRowsGetIdsAndAreUpdatedByThem) {
  OutboxRow row{.receiver = "telegram",
                .conversation = 4,
                .anomaly_id = 5,
                .occasion = Occasion::kEscalated,
                .created_at = At(1)};
  Commit({.outbox = {row, row}});
  auto pending = store_->ReadOutbox({.state = OutboxState::kPending}).value();
  ASSERT_EQ(pending.size(), 2u);
  EXPECT_NE(pending[0].id, pending[1].id);
  OutboxRow sent = pending[0];
  sent.state = OutboxState::kSent;
  sent.receipt = {"77"};
  sent.attempts = 2;
  sent.unanswered = 1;
  sent.settled_at = At(3);
  sent.last_error = "refused";
  Commit({.outbox = {sent}});
  EXPECT_EQ(store_->ReadOutbox({.state = OutboxState::kPending})->size(), 1u);
  const auto read = store_->ReadOutbox({.state = OutboxState::kSent}).value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].id, sent.id);
  EXPECT_EQ(read[0].receiver, "telegram");
  EXPECT_EQ(read[0].conversation * 10 + read[0].anomaly_id, 45);
  EXPECT_EQ(store_->ReadOutbox({.conversation = 4})->size(), 2u);
  EXPECT_EQ(read[0].occasion, Occasion::kEscalated);
  EXPECT_EQ(read[0].created_at, At(1));
  EXPECT_EQ(read[0].settled_at, At(3));
  EXPECT_EQ(read[0].receipt.reference, "77");
  EXPECT_EQ(read[0].attempts * 10 + read[0].unanswered, 21);
  EXPECT_EQ(read[0].last_error, "refused");
}

TEST_P(RoundTrip, WhatIsDueIsReadUrgentFirstThenTheOldest) {
  const auto row = [](int anomaly, bool urgent, Time due) {
    return OutboxRow{
        .receiver = "r", .anomaly_id = anomaly, .urgent = urgent, .next_attempt_at = due};
  };
  OutboxRow sent = row(9, true, At(0));
  sent.state = OutboxState::kSent;
  Commit({.outbox = {sent, row(1, false, At(2)), row(2, false, At(1)), row(3, true, At(2)),
                     row(4, true, At(9))}});
  std::vector<std::int64_t> due;
  const auto rows = store_->ReadOutbox({.receiver = "r", .due = At(2)}).value();
  for (const OutboxRow& r : rows) due.push_back(r.anomaly_id);
  EXPECT_EQ(due, (std::vector<std::int64_t>{3, 1, 2}));
  EXPECT_EQ(store_->ReadOutboxQueue("r")->waiting(), 4);
  EXPECT_EQ(store_->ReadOutboxQueue("r")->next, At(1));
  EXPECT_EQ(store_->ReadOutboxQueue("another")->next, std::nullopt);
  EXPECT_EQ(store_->ReadOutbox({.anomaly_id = 4})->size(), 1u);
  EXPECT_EQ(store_->ReadOutbox({.before_id = 3})->front().anomaly_id, 1);
}

TEST_P(RoundTrip, TheAuditTrailIsReadNewestFirst) {
  AuditEntry ack{0,           At(2),  "acknowledge", "anomaly 7", "ann",
                 "192.0.2.1", "http", 200,           "done",      "a disk"};
  Commit({.audit = {AuditOf("reload", At(1), 400), ack}});
  const auto audit = store_->ReadAudit({.limit = 1}).value();
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0].id, 2);
  EXPECT_EQ(audit[0].time, At(2));
  EXPECT_EQ(audit[0].action + audit[0].object, "acknowledgeanomaly 7");
  EXPECT_EQ(audit[0].by + audit[0].address + audit[0].via, "ann192.0.2.1http");
  EXPECT_EQ(audit[0].result + audit[0].text, "donea disk");
  EXPECT_EQ(store_->ReadAudit({.before_id = 2}).value().at(0).status, 400);
  EXPECT_EQ(store_->ReadAudit({.since = At(2)}).value().size(), 1u);
}

TEST_P(RoundTrip, TheAuditTrailCannotGrowWithoutBound) {
  Changes flood;
  for (std::int64_t i = 0; i < kMaxAuditEntries + 500; ++i)
    flood.audit.push_back(AuditOf("run", At(1), 429));
  Commit(flood);
  const auto audit = store_->ReadAudit({.limit = 0}).value();
  EXPECT_EQ(audit.size(), static_cast<size_t>(kMaxAuditEntries));
  EXPECT_EQ(audit.front().id, kMaxAuditEntries + 500);
}

TEST_P(RoundTrip, SamplesAroundAMomentAreFound) {
  const EntityKey other{"server", "other"};
  Sample late = SampleOf(At(4), {1}, other);
  late.flags = kBackfill;
  Commit(
      {.samples = {SampleOf(At(1), {1}), SampleOf(At(9), {1}), SampleOf(At(3), {1}, other), late}});
  auto around = store_->SamplesAround(kHost, At(5)).value();
  EXPECT_EQ(around.before, At(1));
  EXPECT_EQ(around.after, At(9));
  around = store_->SamplesAround(std::nullopt, At(5)).value();
  EXPECT_EQ(around.before, At(3));  // what was read later does not tell that anybody was there
  EXPECT_EQ(around.after, At(9));
  around = store_->SamplesAround(EntityKey{"server", "nobody"}, At(5)).value();
  EXPECT_FALSE(around.before || around.after);
  EXPECT_FALSE(store_->SamplesAround(std::nullopt, At(0)).value().before);
}

TEST_P(RoundTrip, OutboxRowsAreCountedByReceiverAndState) {
  Commit({.outbox = {{.receiver = "r", .state = OutboxState::kSent},
                     {.receiver = "r"},
                     {.receiver = "r"},
                     {.receiver = "q"}}});
  const OutboxCounts of_all{{OutboxState::kPending, 3}, {OutboxState::kSent, 1}};
  const OutboxCounts of_one{{OutboxState::kPending, 2}, {OutboxState::kSent, 1}};
  EXPECT_EQ(store_->CountOutbox().value(), of_all);
  EXPECT_EQ(store_->ReadOutboxQueue("r")->rows, of_one);
}

TEST_F(StoreTest, EverythingIsThereAfterReopening) {
  ASSERT_TRUE(
      OpenStore()->Commit({.samples = {SampleOf(At(1), {1})}, .checkpoints = {{"c", "v"}}}));
  const auto store = OpenStore();
  EXPECT_EQ(AllSamples(*store).size(), 1u);
  EXPECT_EQ(store->ReadCheckpoints()->size(), 1u);
  EXPECT_EQ(store->health().sample_rows, 1);
  EXPECT_GT(store->health().database_bytes, 0);
}

TEST_F(StoreTest, SilencesAreReplacedById) {
  const auto store = OpenStore();
  Silence mute{4, SilenceKind::kMute, "server", "nas", At(1), At(9), "ann", "known"};
  ASSERT_TRUE(store->Commit({.silences = {mute}}));
  mute.ends_at = At(5);
  ASSERT_TRUE(store->Commit({.silences = {mute}}));
  const auto read = store->ReadSilences().value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].kind, SilenceKind::kMute);
  EXPECT_EQ(read[0].scope + read[0].entity + read[0].by + read[0].why, "servernasannknown");
  EXPECT_EQ(read[0].starts_at, At(1));
  EXPECT_EQ(read[0].ends_at, At(5));
}

TEST_F(StoreTest, FlagsAreSetWhereTheyConcern) {
  const auto store = OpenStore();
  const EntityKey other{"server", "other"};
  Changes changes;
  for (int minute = 1; minute <= 4; ++minute) {
    changes.samples.push_back(SampleOf(At(minute), {1}));
    changes.samples.push_back(SampleOf(At(minute), {1}, other));
  }
  ASSERT_TRUE(store->Commit(changes));
  ASSERT_TRUE(store->Commit({.reflags = {{"", "host", At(2), At(3), kMuted, 0}}}));
  ASSERT_TRUE(store->Commit({.reflags = {{"server", "", At(3), At(4), kExpected, kMuted}}}));
  ASSERT_TRUE(store->Commit({.reflags = {{"elsewhere", "", At(1), At(4), kPartial, 0}}}));
  const auto flags = [&](const EntityKey& key) {
    std::vector<std::uint32_t> out;
    for (const Sample& sample : AllSamples(*store, key)) out.push_back(sample.flags);
    return out;
  };
  EXPECT_THAT(flags(kHost), testing::ElementsAre(0, kMuted, kExpected, kExpected));
  EXPECT_THAT(flags(other), testing::ElementsAre(0, 0, kExpected, kExpected));
}

}  // namespace
}  // namespace aiops
