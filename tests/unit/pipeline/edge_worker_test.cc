#include "pipeline/edge_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "pipeline/delivery.h"
#include "pipeline_testing.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;

// A receiver whose answers a test writes down before. Outlives its notifier. Thread-safe.
class Receiver {
 public:
  void Answer(Result<Receipt> answer) {
    std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  void SetThere(bool there) {
    std::lock_guard lock(mutex_);
    there_ = there;
  }
  Result<Receipt> Take(const Notification& notification) {
    std::lock_guard lock(mutex_);
    got_.push_back(notification);
    changed_.notify_all();
    if (answers_.empty()) return Receipt{"m" + std::to_string(got_.size())};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  bool Probe() {
    std::lock_guard lock(mutex_);
    ++probes_;
    return there_;
  }
  // Waits for so many messages; false after ten seconds.
  bool Await(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(10), [&] { return got_.size() >= count; });
  }
  std::vector<Notification> got() const {
    std::lock_guard lock(mutex_);
    return got_;
  }
  int probes() const {
    std::lock_guard lock(mutex_);
    return probes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result<Receipt>> answers_;
  std::vector<Notification> got_;
  bool there_ = true;
  int probes_ = 0;
};

class EdgeNotifier final : public Notifier {
 public:
  explicit EdgeNotifier(Receiver& receiver) : receiver_(receiver) {}
  ReceiverKind kind() const override { return ReceiverKind::kEdge; }
  std::string name() const override { return "edge"; }
  bool Wants(Occasion occasion, const Anomaly&) const override {
    return occasion != Occasion::kAcknowledged;
  }
  Result<void> Probe(std::stop_token) override {
    return receiver_.Probe() ? Result<void>{} : Unavailable("nobody there");
  }
  Result<Receipt> Send(const Notification& notification, std::stop_token) override {
    return receiver_.Take(notification);
  }

 private:
  Receiver& receiver_;
};

class EdgeWorkerTest : public ::testing::Test {
 protected:
  void Start() {
    std::vector<std::unique_ptr<Notifier>> receivers;
    receivers.push_back(std::make_unique<EdgeNotifier>(receiver_));
    delivery_ = std::make_unique<Delivery>(std::move(receivers), *store_, clock_);
    delivery_->Start();
    clock_.AwaitWaiters(1);
  }
  void Happen(std::int64_t id, Occasion occasion, Severity severity = Severity::kWarning) {
    Changes changes;
    changes.anomalies.emplace_back();
    changes.anomalies[0].id = id;
    changes.anomalies[0].key = kWeb;
    changes.anomalies[0].severity = severity;
    changes.outbox = delivery_->Messages(changes.anomalies[0], {occasion});
    ASSERT_TRUE(store_->Commit(changes));
    delivery_->WakeEdges();
  }
  // Waits until so many messages came and all that came of it is stored.
  void Await(size_t count) {
    ASSERT_TRUE(receiver_.Await(count));
    clock_.AwaitWaiters(1);
  }
  OutboxRow Row(std::int64_t id) { return store_->ReadOutbox({.id = id})->front(); }
  static Error Unanswered() {
    Error error = Timeout("no whole answer");
    error.perhaps_done = true;
    return error;
  }

  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  Receiver receiver_;
  std::unique_ptr<Delivery> delivery_;  // last: its threads use the rest
};

TEST_F(EdgeWorkerTest, SendsEachMessageOnceAndKeepsItsReceipt) {
  Start();
  Happen(1, Occasion::kOpened);
  Await(1);
  EXPECT_EQ(receiver_.got()[0].anomalies.at(0).id, 1);
  EXPECT_EQ(Row(1).state, OutboxState::kSent);
  EXPECT_EQ(Row(1).receipt.reference, "m1");
  Happen(1, Occasion::kEscalated, Severity::kCritical);
  Await(2);
  EXPECT_EQ(receiver_.got()[1].about.reference, "m1");
  EXPECT_EQ(receiver_.got()[1].occasion, Occasion::kEscalated);
  EXPECT_EQ(receiver_.got()[1].anomalies.at(0).severity, Severity::kCritical);
  const ReceiverView view = delivery_->views().at(0);
  EXPECT_EQ(view.kind, "edge");
  EXPECT_EQ(view.sent, 2u);
  EXPECT_EQ(view.up, true);
}

TEST_F(EdgeWorkerTest, WhatItDoesNotWantIsNotStored) {
  Start();
  Happen(1, Occasion::kAcknowledged);
  EXPECT_TRUE(store_->ReadOutbox({})->empty());
}

TEST_F(EdgeWorkerTest, AFailureIsTriedAgainLaterAndLater) {
  for (int i = 0; i < 3; ++i) receiver_.Answer(Unavailable("refused"));
  Start();
  Happen(1, Occasion::kOpened);
  Await(1);
  EXPECT_EQ(delivery_->views().at(0).failures.at("unavailable"), 1u);
  const Time first = Row(1).next_attempt_at;
  EXPECT_GE(first, kStart + Duration(1500));
  EXPECT_LE(first, kStart + Duration(2500));
  clock_.Set(first);
  Await(2);
  EXPECT_GE(Row(1).next_attempt_at - first, seconds(3));
  clock_.Set(Row(1).next_attempt_at);
  Await(3);
  clock_.Set(Row(1).next_attempt_at);
  Await(4);
  EXPECT_EQ(Row(1).state, OutboxState::kSent);
  EXPECT_EQ(Row(1).attempts, 4);
}

TEST_F(EdgeWorkerTest, WhatIsRefusedForGoodIsTriedOnceAndDelaysNothing) {
  receiver_.Answer(Error{ErrorKind::kUnauthorized, "wrong token"});
  Start();
  Happen(1, Occasion::kOpened);
  Await(1);
  Happen(2, Occasion::kOpened);
  Await(2);
  EXPECT_EQ(Row(1).state, OutboxState::kFailed);
  EXPECT_EQ(Row(1).last_error, "wrong token");
  EXPECT_EQ(Row(2).state, OutboxState::kSent);
  clock_.Advance(hours(1));
  clock_.AwaitWaiters(1);
  EXPECT_EQ(receiver_.got().size(), 2u);
}

TEST_F(EdgeWorkerTest, AReceiverThatAsksForAPauseIsSentNothingInIt) {
  receiver_.Answer(Error{ErrorKind::kRateLimited, "slow down", std::chrono::seconds(20)});
  Start();
  Happen(1, Occasion::kOpened);
  Await(1);
  Happen(2, Occasion::kOpened, Severity::kCritical);
  clock_.Advance(Duration(19'999));
  clock_.AwaitWaiters(1);
  EXPECT_EQ(receiver_.got().size(), 1u);
  delivery_.reset();
  Start();  // a restart does not end it
  EXPECT_EQ(receiver_.got().size(), 1u);
  clock_.Advance(Duration(1));
  Await(3);
  EXPECT_EQ(receiver_.got()[1].anomalies.at(0).id, 2);  // urgent
}

TEST_F(EdgeWorkerTest, WhatPerhapsArrivedIsRepeatedOnceAndOnlyWhenTheReceiverAnswers) {
  receiver_.Answer(Unanswered());
  receiver_.SetThere(false);
  Start();
  Happen(1, Occasion::kOpened);
  Await(1);
  for (int i = 1; i <= 3; ++i) {
    clock_.Set(Row(1).next_attempt_at);
    while (receiver_.probes() < i) clock_.AwaitWaiters(1);
    clock_.AwaitWaiters(1);
  }
  EXPECT_EQ(receiver_.got().size(), 1u);
  EXPECT_EQ(Row(1).state, OutboxState::kPending);
  receiver_.SetThere(true);
  receiver_.Answer(Unanswered());
  clock_.Set(Row(1).next_attempt_at);
  Await(2);
  EXPECT_EQ(receiver_.got()[0].idempotency_key, receiver_.got()[1].idempotency_key);
  EXPECT_EQ(Row(1).state, OutboxState::kFailed);
  EXPECT_THAT(Row(1).last_error, HasSubstr("may have arrived"));
}

TEST_F(EdgeWorkerTest, AnEndSendsWhatIsDue) {
  Start();
  Changes changes;
  changes.anomalies.emplace_back();
  changes.anomalies[0].id = 1;
  changes.outbox = delivery_->Messages(changes.anomalies[0], {Occasion::kOpened});
  ASSERT_TRUE(store_->Commit(changes));  // nobody wakes it
  delivery_.reset();
  EXPECT_EQ(receiver_.got().size(), 1u);
  EXPECT_EQ(Row(1).state, OutboxState::kSent);
}

TEST_F(EdgeWorkerTest, AnAnomalyThatIsGoneIsNoMessage) {
  Start();
  Changes changes;
  changes.outbox.push_back({.receiver = "edge", .anomaly_id = 9});
  ASSERT_TRUE(store_->Commit(changes));
  delivery_->WakeEdges();
  while (Row(1).state == OutboxState::kPending) std::this_thread::yield();
  EXPECT_EQ(Row(1).state, OutboxState::kFailed);
  EXPECT_TRUE(receiver_.got().empty());
}

}  // namespace
}  // namespace aiops
