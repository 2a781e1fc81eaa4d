#include "pipeline/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OutboxTest : public ::testing::Test {
 protected:
  std::int64_t Put(std::int64_t anomaly, Occasion occasion, bool urgent = false,
                   std::int64_t conversation = 0) {
    Changes changes;
    changes.outbox.push_back({.receiver = "r",
                              .conversation = conversation == 0 ? anomaly : conversation,
                              .anomaly_id = anomaly,
                              .occasion = occasion,
                              .urgent = urgent,
                              .created_at = clock_.Now(),
                              .next_attempt_at = clock_.Now()});
    EXPECT_TRUE(store_->Commit(changes));
    return store_->ReadOutbox({.limit = 1})->front().id;
  }
  OutboxBatch Claimed() {
    auto batch = outbox_.Next("r").value();
    AIOPS_CHECK(batch.has_value());
    EXPECT_TRUE(outbox_.Claim(*batch).value());
    return *std::move(batch);
  }
  void Settle(const OutboxBatch& batch, Outcome outcome, const std::string& receipt = "") {
    EXPECT_TRUE(outbox_.Settle(batch, outcome, {receipt}, outcome == Outcome::kSent ? "" : "why",
                               clock_.Now() + seconds(9)));
  }
  bool Empty() { return !outbox_.Next("r").value().has_value(); }
  OutboxRow Row(std::int64_t id) { return store_->ReadOutbox({.id = id})->front(); }

  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  Outbox outbox_{*store_, clock_};
};

TEST_F(OutboxTest, UrgentOnesGoFirstThenTheOldest) {
  Put(1, Occasion::kOpened);
  Put(2, Occasion::kOpened, true);
  std::vector<std::int64_t> order;
  while (!Empty()) {
    const OutboxBatch batch = Claimed();
    order.push_back(batch.rows[0].anomaly_id);
    Settle(batch, Outcome::kSent);
  }
  EXPECT_THAT(order, ElementsAre(2, 1));
  EXPECT_FALSE(outbox_.Next("another")->has_value());
}

TEST_F(OutboxTest, WhatStillWaitsOfOneAnomalyBecomesOneMessage) {
  const auto opened = Put(1, Occasion::kOpened);
  Put(2, Occasion::kOpened);
  const auto closed = Put(1, Occasion::kClosed);
  const OutboxBatch batch = Claimed();
  EXPECT_EQ(batch.rows.size(), 2u);
  EXPECT_EQ(batch.occasion, Occasion::kOpened);
  EXPECT_EQ(batch.about.reference, "");
  Settle(batch, Outcome::kSent, "m1");
  EXPECT_EQ(Row(opened).receipt.reference, "m1");
  EXPECT_EQ(Row(closed).state, OutboxState::kSent);
  EXPECT_EQ(Row(closed).settled_at, kStart);
}

TEST_F(OutboxTest, LaterMessagesAreAboutTheFirstOne) {
  Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kSent, "m1");
  Put(1, Occasion::kEscalated, true);
  Put(1, Occasion::kAcknowledged, true);
  const OutboxBatch batch = Claimed();
  EXPECT_EQ(batch.occasion, Occasion::kEscalated);  // it rings; the other is in it
  EXPECT_EQ(batch.about.reference, "m1");
  Settle(batch, Outcome::kSent, "m2");
  Put(1, Occasion::kClosed);
  EXPECT_EQ(Claimed().about.reference, "m1");
}

TEST_F(OutboxTest, AConversationIsAboutAllItsAnomalies) {
  Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kSent, "m1");
  Put(2, Occasion::kOpened, false, 1);
  OutboxBatch batch = Claimed();
  EXPECT_EQ(batch.occasion, Occasion::kChanged);
  EXPECT_THAT(batch.anomalies, ElementsAre(1, 2));
  EXPECT_EQ(batch.about.reference, "m1");
  Settle(batch, Outcome::kSent, "m1");
  Put(3, Occasion::kOpened, true, 1);
  batch = Claimed();
  EXPECT_EQ(batch.occasion, Occasion::kEscalated);
  EXPECT_THAT(batch.anomalies, ElementsAre(1, 2, 3));
}

TEST_F(OutboxTest, ADigestHoldsWhatIsNotUrgentAndNotToldYet) {
  Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kSent, "m1");
  Put(1, Occasion::kAnalysed);
  Put(2, Occasion::kOpened);
  Put(3, Occasion::kOpened, true);
  Put(4, Occasion::kOpened);
  std::vector<std::set<std::int64_t>> told;
  std::vector<bool> digests;
  while (auto batch = outbox_.Next("r", true).value()) {
    ASSERT_TRUE(outbox_.Claim(*batch).value());
    told.push_back(batch->anomalies);
    digests.push_back(batch->digest);
    Settle(*batch, Outcome::kSent, "m");
  }
  EXPECT_THAT(told, ElementsAre(ElementsAre(3), ElementsAre(1), ElementsAre(2, 4)));
  EXPECT_THAT(digests, ElementsAre(false, false, true));
}

TEST_F(OutboxTest, ManyUrgentOnesAreToldTogether) {
  for (int i = 1; i <= 4; ++i) Put(i, Occasion::kOpened, true);
  EXPECT_THAT(outbox_.Next("r", true).value()->anomalies, ElementsAre(1, 2, 3, 4));
  ASSERT_TRUE(outbox_.Drop(4));
  EXPECT_THAT(outbox_.Next("r", true).value()->anomalies, ElementsAre(1));
}

TEST_F(OutboxTest, WhereTheFirstNeverArrivedTheNextTellsAll) {
  Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kRefused);
  Put(1, Occasion::kClosed);
  EXPECT_EQ(Claimed().occasion, Occasion::kOpened);
}

TEST_F(OutboxTest, WhatMayArriveLaterWaitsAndWhatIsRefusedDoesNot) {
  const auto id = Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kLater);
  EXPECT_TRUE(Empty());
  EXPECT_EQ(outbox_.Queue("r")->next, kStart + seconds(9));
  EXPECT_EQ(Row(id).last_error, "why");
  clock_.Advance(seconds(9));
  Settle(Claimed(), Outcome::kRefused);
  EXPECT_TRUE(Empty());
  EXPECT_EQ(Row(id).state, OutboxState::kFailed);
  EXPECT_EQ(Row(id).attempts, 2);
}

TEST_F(OutboxTest, WhatPerhapsArrivedIsRepeatedOnce) {
  const auto id = Put(1, Occasion::kOpened);
  OutboxBatch batch = Claimed();
  EXPECT_FALSE(batch.unanswered);
  Settle(batch, Outcome::kUnanswered);
  clock_.Advance(seconds(9));
  batch = Claimed();
  EXPECT_TRUE(batch.unanswered);
  Settle(batch, Outcome::kUnanswered);
  EXPECT_EQ(Row(id).state, OutboxState::kFailed);
  EXPECT_THAT(Row(id).last_error, HasSubstr("may have arrived"));
}

TEST_F(OutboxTest, WhatWasOnItsWayAtACrashCountsAsUnanswered) {
  const auto id = Put(1, Occasion::kOpened);
  Claimed();
  EXPECT_TRUE(Empty());
  Outbox next(*store_, clock_);
  ASSERT_TRUE(next.Recover({"r"}));
  EXPECT_EQ(Row(id).unanswered, 1);
  EXPECT_FALSE(Empty());
}

TEST_F(OutboxTest, WhatWaitsForAReceiverOfThePastExpires) {
  const auto id = Put(1, Occasion::kOpened);
  ASSERT_TRUE(outbox_.Recover({"another"}));
  EXPECT_EQ(Row(id).state, OutboxState::kExpired);
  EXPECT_THAT(Row(id).last_error, HasSubstr("configured no more"));
}

TEST_F(OutboxTest, WhatFailedCanBeSentAgainAndWhatWaitsDropped) {
  const auto id = Put(1, Occasion::kOpened);
  Settle(Claimed(), Outcome::kRefused);
  EXPECT_EQ(outbox_.Retry(id)->state, OutboxState::kPending);
  EXPECT_FALSE(Empty());
  EXPECT_EQ(outbox_.Drop(id)->state, OutboxState::kDropped);
  EXPECT_TRUE(Empty());
  EXPECT_EQ(outbox_.Drop(99).error().kind, ErrorKind::kNotFound);
}

TEST_F(OutboxTest, NobodyTakesBackWhatIsOnItsWayOrWasSent) {
  const auto id = Put(1, Occasion::kOpened);
  const OutboxBatch batch = Claimed();
  EXPECT_THAT(outbox_.Drop(id).error().message, HasSubstr("on its way"));
  Settle(batch, Outcome::kSent);
  EXPECT_THAT(outbox_.Retry(id).error().message, HasSubstr("was sent"));
}

TEST_F(OutboxTest, WhatIsDroppedBeforeItIsClaimedIsNotSent) {
  const auto id = Put(1, Occasion::kOpened);
  auto batch = **outbox_.Next("r");
  ASSERT_TRUE(outbox_.Drop(id));
  EXPECT_FALSE(outbox_.Claim(batch).value());
  Settle(batch, Outcome::kLater);
  EXPECT_EQ(Row(id).state, OutboxState::kDropped);
}

TEST_F(OutboxTest, OfTooManyTheOldestExpireAndUrgentOnesStay) {
  const auto urgent = Put(1, Occasion::kOpened, true);
  const auto oldest = Put(2, Occasion::kOpened);
  Changes flood;
  for (size_t i = 0; i < Outbox::kMostWaiting - 1; ++i)
    flood.outbox.push_back({.receiver = "r", .conversation = std::int64_t(i) + 3});
  ASSERT_TRUE(store_->Commit(flood));
  ASSERT_FALSE(Empty());
  EXPECT_EQ(outbox_.Queue("r")->waiting(), std::int64_t{Outbox::kMostWaiting});
  EXPECT_EQ(Row(oldest).state, OutboxState::kExpired);
  EXPECT_EQ(Row(urgent).state, OutboxState::kPending);
}

TEST_F(OutboxTest, APauseOutlivesARestart) {
  outbox_.Pause("r", kStart + seconds(20));
  EXPECT_EQ(Outbox(*store_, clock_).PausedUntil("r"), kStart + seconds(20));
  EXPECT_EQ(outbox_.PausedUntil("another"), Time{});
}

}  // namespace
}  // namespace aiops
