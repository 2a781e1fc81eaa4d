#include "pipeline/delivery.h"

#include <gtest/gtest.h>

#include <condition_variable>

#include "pipeline_testing.h"

namespace aiops {
namespace {

// What a fake receiver got; outlives its notifier. Thread-safe.
class Inbox {
 public:
  void Put(std::vector<Anomaly> anomalies) {
    std::lock_guard lock(mutex_);
    posts_.push_back(std::move(anomalies));
    changed_.notify_all();
  }
  // Waits for so many posts; false after ten seconds.
  bool Await(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(10), [&] { return posts_.size() >= count; });
  }
  std::vector<std::vector<Anomaly>> posts() const {
    std::lock_guard lock(mutex_);
    return posts_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<Anomaly>> posts_;
};

enum class Mood { kWell, kRefusing, kDead };  // dead: answers nothing until it is stopped

class FakeNotifier final : public Notifier {
 public:
  FakeNotifier(std::string name, Inbox& inbox, Mood mood)
      : name_(std::move(name)), inbox_(inbox), mood_(mood) {}
  ReceiverKind kind() const override { return ReceiverKind::kLevel; }
  std::string name() const override { return name_; }
  Result<Receipt> Send(const Notification& notification, std::stop_token stop) override {
    inbox_.Put(notification.anomalies);
    if (mood_ == Mood::kRefusing) return Unavailable("refused\n");
    if (mood_ == Mood::kDead) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait(lock, stop, [] { return false; });
      return Cancelled("stopped");
    }
    return Receipt{};
  }

 private:
  const std::string name_;
  Inbox& inbox_;
  const Mood mood_;
};

Anomaly AnomalyOf(std::int64_t id, Severity severity = Severity::kWarning) {
  Anomaly anomaly;
  anomaly.id = id;
  anomaly.key = kWeb;
  anomaly.severity = severity;
  return anomaly;
}

class DeliveryTest : public ::testing::Test {
 protected:
  std::vector<std::unique_ptr<Notifier>> One(Mood mood) {
    std::vector<std::unique_ptr<Notifier>> out;
    out.push_back(std::make_unique<FakeNotifier>("fake", inbox_, mood));
    return out;
  }
  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  Inbox inbox_;
};

TEST_F(DeliveryTest, PostsNothingWhileNothingIsOpen) {
  Delivery delivery(One(Mood::kWell), *store_, clock_);
  delivery.Start();
  clock_.AwaitWaiters(1);
  delivery.Publish({});
  clock_.Advance(minutes(5));
  delivery.Publish({AnomalyOf(1)});
  ASSERT_TRUE(inbox_.Await(1));
  EXPECT_EQ(inbox_.posts()[0].size(), 1u);
}

TEST_F(DeliveryTest, AChangeIsPostedAtOnceAndTheSameAgainLater) {
  Delivery delivery(One(Mood::kWell), *store_, clock_);
  delivery.Start();
  clock_.AwaitWaiters(1);
  delivery.Publish({AnomalyOf(1)});
  ASSERT_TRUE(inbox_.Await(1));
  clock_.AwaitWaiters(1);
  delivery.Publish({AnomalyOf(1, Severity::kCritical)});
  ASSERT_TRUE(inbox_.Await(2));
  EXPECT_EQ(inbox_.posts()[1].at(0).severity, Severity::kCritical);
  clock_.AwaitWaiters(1);
  Anomaly reworded = AnomalyOf(1, Severity::kCritical);
  reworded.summary = "another sentence";
  delivery.Publish({reworded});  // no hurry
  clock_.Advance(seconds(59));
  EXPECT_EQ(inbox_.posts().size(), 2u);
  clock_.Advance(seconds(1));
  ASSERT_TRUE(inbox_.Await(3));
  EXPECT_EQ(inbox_.posts()[2].at(0).summary, "another sentence");
}

TEST_F(DeliveryTest, ADeadReceiverDelaysNoOtherAndNoEnd) {
  Inbox dead;
  auto receivers = One(Mood::kWell);
  receivers.insert(receivers.begin(), std::make_unique<FakeNotifier>("dead", dead, Mood::kDead));
  Delivery delivery(std::move(receivers), *store_, clock_);
  delivery.Start();
  delivery.Publish({AnomalyOf(1)});
  ASSERT_TRUE(dead.Await(1));
  ASSERT_TRUE(inbox_.Await(1));
  delivery.Publish({AnomalyOf(1), AnomalyOf(2)});
  for (size_t n = 2; inbox_.posts().back().size() < 2; ++n) ASSERT_TRUE(inbox_.Await(n));
  EXPECT_EQ(dead.posts().size(), 1u);
}

TEST_F(DeliveryTest, AFailureIsTriedAgainSoonAndCounted) {
  Delivery delivery(One(Mood::kRefusing), *store_, clock_);
  delivery.Start();
  clock_.AwaitWaiters(1);
  delivery.Publish({AnomalyOf(1)});
  ASSERT_TRUE(inbox_.Await(1));
  clock_.AwaitWaiters(1);
  const ReceiverView view = delivery.views().at(0);
  EXPECT_EQ(view.up, false);
  EXPECT_EQ(view.name, "fake");
  EXPECT_EQ(view.kind, "level");
  EXPECT_EQ(view.failures.at("unavailable"), 1u);
  EXPECT_EQ(view.last_error.find('\n'), std::string::npos);
  clock_.Advance(seconds(2));
  ASSERT_TRUE(inbox_.Await(2));
}

}  // namespace
}  // namespace aiops
