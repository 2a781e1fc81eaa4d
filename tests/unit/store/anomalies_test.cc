// Anomalies: one row an episode, and the questions that are asked about them.
#include "unit/store/store_testing.h"

namespace aiops {
namespace {

class Anomalies : public EitherStore {};

INSTANTIATE_TEST_SUITE_P(DiskAndMemory, Anomalies, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Memory" : "Disk"; });

TEST_P(Anomalies, ComeBackWhole) {
  Anomaly a = AnomalyOf(41, At(1), AnomalyState::kClosed);
  a.labels = {{"team", "ops"}};
  a.kind = AnomalyKind::kFact;
  a.fact = "container_down";
  a.object = "db";
  a.severity = Severity::kCritical;
  a.last_seen_at = At(3);
  a.ended_at = At(4);
  a.score = 2.5;
  a.summary = "db exited";
  a.contributions = {{"cpu_percent", "%", 99, 20, 10, kMissing, 0.75}};
  a.acknowledged_at = At(5);
  a.acknowledged_by = "http 127.0.0.1";
  a.acknowledged_why = "known";
  a.evidence = "{\"E1\":1}";
  a.root_cause = "{}";
  a.mark = Mark::kReal;
  a.marked_at = a.last_seen_at;
  a.marked_by = "ann";
  a.marked_why = "the disk";
  Commit({.anomalies = {a}});
  const auto read = store_->ReadAnomaly(41).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->key, a.key);
  EXPECT_EQ(read->labels, a.labels);
  EXPECT_EQ(read->kind, a.kind);
  EXPECT_EQ(read->fact + read->object, "container_downdb");
  EXPECT_EQ(read->severity, a.severity);
  EXPECT_EQ(read->state, a.state);
  EXPECT_EQ(read->started_at, a.started_at);
  EXPECT_EQ(read->last_seen_at, a.last_seen_at);
  EXPECT_EQ(read->ended_at, a.ended_at);
  EXPECT_EQ(read->score, a.score);
  EXPECT_EQ(read->summary, a.summary);
  ASSERT_EQ(read->contributions.size(), 1u);
  EXPECT_EQ(read->contributions[0].feature, "cpu_percent");
  EXPECT_EQ(read->contributions[0].unit, "%");
  EXPECT_EQ(read->contributions[0].expected, 20);
  EXPECT_TRUE(IsMissing(read->contributions[0].upper));
  EXPECT_EQ(read->contributions[0].share, 0.75);
  EXPECT_EQ(read->acknowledged_at, a.acknowledged_at);
  EXPECT_EQ(read->acknowledged_by + read->acknowledged_why, "http 127.0.0.1known");
  EXPECT_EQ(read->mark, Mark::kReal);
  EXPECT_EQ(read->marked_at, read->last_seen_at);
  EXPECT_EQ(read->marked_by + read->marked_why, "annthe disk");
  EXPECT_EQ(read->evidence + read->root_cause, "{\"E1\":1}{}");
  EXPECT_FALSE(store_->ReadAnomaly(42)->has_value());
}

TEST_P(Anomalies, AreOneRowAnEpisodeAndFiltered) {
  EXPECT_EQ(store_->MaxAnomalyId().value(), 0);
  Anomaly open = AnomalyOf(1, At(1)), closed = AnomalyOf(2, At(10), AnomalyState::kClosed),
          fact = AnomalyOf(3, At(20), AnomalyState::kClosed);
  open.score = 1;
  fact.kind = AnomalyKind::kFact;
  fact.key = {"web", "site"};
  fact.severity = Severity::kCritical;
  closed.ended_at = At(12);
  closed.acknowledged_at = At(13);
  closed.mark = Mark::kExpected;
  fact.ended_at = At(30);
  Commit({.anomalies = {open, closed, fact}});
  open.score = 9;
  Commit({.anomalies = {open}});
  auto ids = [&](const AnomalyQuery& q) {
    std::vector<std::int64_t> out;
    const auto anomalies = store_->ReadAnomalies(q).value();
    for (const auto& a : anomalies) out.push_back(a.id);
    return out;
  };
  using V = std::vector<std::int64_t>;
  EXPECT_EQ(ids({}), (V{3, 2, 1}));
  EXPECT_EQ(store_->ReadAnomaly(1).value()->score, 9);
  EXPECT_EQ(ids({.since = At(11)}), (V{3, 1}));  // what is open is always of now
  EXPECT_EQ(ids({.until = At(10)}), (V{1}));
  EXPECT_EQ(ids({.entity = "site"}), (V{3}));
  EXPECT_EQ(ids({.scope = "server"}), (V{2, 1}));
  EXPECT_EQ(ids({.kind = AnomalyKind::kLearned}), (V{2, 1}));
  EXPECT_EQ(ids({.state = AnomalyState::kClosed}), (V{3, 2}));
  EXPECT_EQ(ids({.severity = Severity::kCritical}), (V{3}));
  EXPECT_EQ(ids({.limit = 0}), (V{3, 2, 1}));
  EXPECT_EQ(ids({.acknowledged = true}), (V{2}));
  EXPECT_EQ(ids({.acknowledged = false}), (V{3, 1}));
  EXPECT_EQ(ids({.marked = true}), (V{2}));
  EXPECT_EQ(ids({.limit = 0, .ended_since = At(30)}), (V{3}));
  EXPECT_EQ(ids({.scope = "server", .ended_since = At(12)}), (V{2}));
  EXPECT_EQ(ids({.ended_since = At(31)}), V{});
  EXPECT_EQ(ids({.before_id = 3, .limit = 1}), (V{2}));
  EXPECT_EQ(store_->MaxAnomalyId().value(), 3);
}

}  // namespace
}  // namespace aiops
