#include "pipeline/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using testing::HasSubstr;

// A source that remembers: what it says of a minute is asked of the test.
class Remembers final : public Collector {
 public:
  using Of = std::function<std::vector<Reading>(Time)>;
  explicit Remembers(Of of) : of_(std::move(of)) {}
  Result<Collected> Collect(const Tick&, std::stop_token) override { return Collected{}; }
  Result<std::vector<PastReadings>> Backfill(Window range, std::stop_token) override {
    std::vector<PastReadings> out;
    for (Time t = FloorTo(range.from, minutes(1)) + minutes(1); t <= range.to; t += minutes(1))
      if (auto readings = of_(t); !readings.empty()) out.push_back({t, std::move(readings)});
    return out;
  }

 private:
  const Of of_;
};

class Fails final : public Collector {
 public:
  explicit Fails(std::atomic<int>& asked) : asked_(asked) {}
  Result<Collected> Collect(const Tick&, std::stop_token) override { return Collected{}; }
  Result<std::vector<PastReadings>> Backfill(Window, std::stop_token) override {
    ++asked_;
    return Unavailable("nobody answers");
  }

 private:
  std::atomic<int>& asked_;
};

std::vector<Reading> Of(std::initializer_list<std::pair<std::uint32_t, double>> values) {
  std::vector<Reading> out;
  for (const auto& [feature, value] : values) out.push_back({{0, feature}, {}, value});
  return out;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() { config_.collect.backfill = hours(24); }

  template <class... Collectors>
  void Read(std::unique_ptr<Collectors>... collectors) {
    std::vector<HistorySource> sources;
    (sources.push_back({"source" + std::to_string(sources.size()), std::move(collectors)}), ...);
    reader_ = std::make_unique<HistoryReader>(config_, *store_, clock_, std::move(sources),
                                              [this] { ++told_; });
    reader_->Start();
  }
  void AwaitEnd() { ASSERT_TRUE(reader_->AwaitStop(seconds(20))); }

  static std::unique_ptr<Remembers> Machine() {
    return std::make_unique<Remembers>([](Time) { return Of({{1, 100}, {2, 50}}); });
  }
  std::vector<Sample> Stored() const {
    auto samples = store_->ReadSamples({.key = kWeb, .until = FromUnixMillis(INT64_MAX)});
    return samples ? *samples : std::vector<Sample>();
  }
  void Commit(Time time, std::vector<double> values, std::uint32_t flags = 0) {
    Changes changes;
    changes.samples.push_back({kWeb, time, SchemaHash(config_.scopes[0]), flags, values});
    ASSERT_TRUE(store_->Commit(changes));
  }
  std::string Told() const {
    const auto check = reader_->check();
    return check ? check->detail : "";
  }

  ManualClock clock_{kStart + seconds(30)};  // what is settled ends at kStart
  Config config_ = SmallConfig();
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  std::unique_ptr<HistoryReader> reader_;
  int told_ = 0;
};

TEST_F(HistoryTest, WhatAllSourcesRememberOfAMinuteIsOneSampleOfThePast) {
  Read(Machine(), std::make_unique<Remembers>([](Time t) {
         return t > kStart - hours(2) ? Of({{0, 7}}) : std::vector<Reading>();
       }));
  AwaitEnd();
  const auto samples = Stored();
  ASSERT_EQ(samples.size(), 24u * 60);
  EXPECT_EQ(samples.back().time, kStart);
  EXPECT_EQ(samples.back().values, (std::vector<double>{7, 100, 50}));
  EXPECT_EQ(samples.back().flags, kBackfill);
  EXPECT_EQ(samples.front().time, kStart - hours(24) + minutes(1));
  EXPECT_TRUE(IsMissing(samples.front().values[0]));
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(Told(), "learned from 1.0 days of history: 1440 samples, 3 of 3 features");
}

// Of three features one is remembered: a third of the vector, but all that there can be.
TEST_F(HistoryTest, CoverageCountsOnlyFeaturesThatThePastCanHave) {
  Read(std::make_unique<Remembers>([](Time) { return Of({{1, 100}}); }));
  AwaitEnd();
  ASSERT_EQ(Stored().size(), 24u * 60);
  for (const Sample& sample : Stored()) ASSERT_EQ(sample.flags, kBackfill);
  EXPECT_THAT(Told(), HasSubstr("1 of 3 features"));
}

TEST_F(HistoryTest, AMinuteThatLacksMostOfWhatItsHoursHaveDoesNotTrain) {
  Read(std::make_unique<Remembers>([](Time t) {
    return t == kStart ? Of({{2, 50}}) : Of({{0, 1}, {1, 100}, {2, 50}});
  }));
  AwaitEnd();
  EXPECT_EQ(Stored().back().flags, kBackfill | kLowCoverage);
  EXPECT_EQ(Stored().front().flags, std::uint32_t{kBackfill});
}

TEST_F(HistoryTest, WhatWasSeenLiveStays) {
  Commit(kStart, {kMissing, 1, 2});
  Commit(kStart - minutes(1), {kMissing, 1, 2}, kBackfill);
  Read(std::make_unique<Remembers>([](Time) { return Of({{0, 9}, {1, 100}}); }));
  AwaitEnd();
  const auto samples = Stored();
  ASSERT_EQ(samples.size(), 24u * 60);
  EXPECT_TRUE(IsMissing(samples.back().values[0]));
  EXPECT_EQ(samples.back().values[1], 1);
  EXPECT_EQ(samples.back().flags, 0u);
  // What came from one source's past gets what another remembers.
  EXPECT_EQ(samples[samples.size() - 2].values, (std::vector<double>{9, 1, 2}));
}

TEST_F(HistoryTest, ASecondStartReadsNothingAgain) {
  Read(Machine());
  AwaitEnd();
  clock_.Advance(hours(1));
  Read(std::make_unique<Remembers>([](Time) {
    ADD_FAILURE() << "asked again";
    return std::vector<Reading>();
  }));
  AwaitEnd();
  EXPECT_EQ(Stored().size(), 24u * 60);
  EXPECT_EQ(told_, 1);
  EXPECT_THAT(Told(), HasSubstr("learned from 1.0 days of history: 1440 samples"));
}

TEST_F(HistoryTest, AnInterruptedOneGoesOnWhereItWas) {
  std::latch reached(1), go(1);
  Read(std::make_unique<Remembers>([&](Time t) {
    if (t == kStart - hours(6)) {
      reached.count_down();
      go.wait();
    }
    return Of({{0, 1}, {1, 100}});
  }));
  reached.wait();
  reader_->RequestStop();
  go.count_down();
  AwaitEnd();
  EXPECT_EQ(told_, 0);
  EXPECT_EQ(Stored().size(), 12u * 60);
  Time oldest = Time::max();
  Read(std::make_unique<Remembers>([&](Time t) {
    oldest = std::min(oldest, t);
    return Of({{0, 1}, {1, 100}});
  }));
  AwaitEnd();
  EXPECT_EQ(oldest, kStart - hours(12) + minutes(1));
  EXPECT_EQ(Stored().size(), 24u * 60);
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(Told(), "learned from 1.0 days of history: 1440 samples, 2 of 3 features");
}

TEST_F(HistoryTest, ASourceThatDoesNotAnswerIsAskedAgainAtTheNextStart) {
  std::atomic<int> asked = 0;
  Read(Machine(), std::make_unique<Fails>(asked));
  // Time moves only while the reader waits: no more of it than that belongs to the past.
  for (int times = 1; times < 10; ++times) {
    while (asked < times) std::this_thread::yield();
    clock_.AwaitWaiters(1);
    clock_.Advance(seconds(30));
  }
  AwaitEnd();
  EXPECT_EQ(Stored().size(), 24u * 60);
  EXPECT_EQ(reader_->check()->state, SourceState::kFails);
  EXPECT_THAT(Told(), HasSubstr("source1 did not answer, the next start asks again: nobody"));
  Read(Machine(), std::make_unique<Remembers>([](Time) { return Of({{0, 7}}); }));
  AwaitEnd();
  EXPECT_EQ(Stored().back().values, (std::vector<double>{7, 100, 50}));
  EXPECT_EQ(reader_->check()->state, SourceState::kWorks);
}

TEST_F(HistoryTest, ADatabaseWithEnoughSamplesIsNotAFirstStart) {
  for (int minute = 0; minute < 30; ++minute) Commit(kStart - minutes(minute), {1, 2, 3});
  Read(Machine());
  AwaitEnd();
  EXPECT_EQ(Stored().size(), 30u);
  EXPECT_EQ(reader_->check(), std::nullopt);
}

TEST_F(HistoryTest, ANewFeatureGetsItsHistoryAndTheOthersKeepTheirs) {
  for (int minute = 0; minute < 40; ++minute) Commit(kStart - minutes(minute), {1, 2, 3});
  Changes names;
  names.schemas.push_back({SchemaHash(config_.scopes[0]), {"errors", "latency", "requests"}});
  ASSERT_TRUE(store_->Commit(names));
  Feature added = config_.scopes[0].features[0];
  added.name = "queue";
  config_.scopes[0].features.insert(config_.scopes[0].features.begin(), added);
  Read(std::make_unique<Remembers>([](Time) { return Of({{0, 5}, {1, 100}}); }));
  AwaitEnd();
  const auto samples = Stored();
  ASSERT_EQ(samples.size(), 24u * 60);
  EXPECT_EQ(samples.back().values, (std::vector<double>{5, 1, 2, 3}));
  EXPECT_EQ(samples.back().flags, 0u);
  EXPECT_EQ(samples.back().schema, SchemaHash(config_.scopes[0]));
}

TEST_F(HistoryTest, ZeroSwitchesItOff) {
  config_.collect.backfill = Duration(0);
  Read(Machine());
  AwaitEnd();
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(reader_->check(), std::nullopt);
}

TEST_F(HistoryTest, TheSecondsOfATryOutAreReadForHoursNotForWeeks) {
  config_.collect.backfill = hours(24 * 14);
  config_.collect.interval = seconds(3);
  EXPECT_EQ(HistorySpan(config_), seconds(3) * 20160);
  config_.collect.interval = minutes(1);
  EXPECT_EQ(HistorySpan(config_), hours(24 * 14));
  config_.store.retention_samples = hours(24 * 8);
  EXPECT_EQ(HistorySpan(config_), hours(24 * 8));
}

}  // namespace
}  // namespace aiops
