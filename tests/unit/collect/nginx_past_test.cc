// What is told of the time that no tick covered, and of a clock that moves by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <future>
#include <thread>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NginxPast, TellsWhatHappenedWhileItWasStopped) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)));
  auto collected = h.Tick(t + minutes(1));
  h.folder.Append(AccessLine(t + minutes(1) + seconds(30)) + AccessLine(t + minutes(2)));
  h.clock.Set(t + minutes(4) + seconds(30));
  h.Start(*collected->checkpoint);
  h.folder.Append(AccessLine(t + minutes(4) + seconds(40)));
  collected = h.Tick(t + minutes(5));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  ASSERT_EQ(collected->past.size(), 3u);
  const double expected[] = {1, 1, 0};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(collected->past[i].end, t + minutes(2 + static_cast<int>(i)));
    EXPECT_DOUBLE_EQ(NginxHarness::ByName(collected->past[i].readings).at("request_rate") * 60,
                     expected[i]);
  }
}

// Ends of past intervals, in minutes since `t`, with their requests.
std::vector<std::pair<std::int64_t, double>> Past(const Collected& collected, Time t) {
  std::vector<std::pair<std::int64_t, double>> out;
  for (const auto& past : collected.past) {
    const double rate = NginxHarness::ByName(past.readings).at("request_rate");
    out.emplace_back((past.end - t) / minutes(1), std::round(rate * 60));
  }
  return out;
}

TEST(NginxPast, DoesNotTakeTheSleepOfAMachineForSilence) {
  for (const bool off : {false, true}) {
    NginxHarness h;
    const Time t = h.clock.Now();
    h.folder.Append(AccessLine(t + seconds(1)));
    auto collected = h.Tick(t + minutes(1));
    h.folder.Append(AccessLine(t + minutes(1) + seconds(20)));
    h.Read();
    h.clock.Set(t + hours(3) + seconds(10));
    if (off) h.Start(*collected->checkpoint);
    h.folder.Append(AccessLine(t + hours(3) + seconds(12)));
    collected = h.Tick(t + hours(3) + minutes(1));
    EXPECT_THAT(Past(*collected, t), ElementsAre(std::pair(2, 1))) << off;
    EXPECT_DOUBLE_EQ(Requests(*collected), 1);
    EXPECT_THAT(h.Tick(t + hours(3) + minutes(3))->past, ElementsAre(::testing::_))
        << "one interval of silence is silence";
  }
}

TEST(NginxPast, TellsExactlyWhatNginxWroteInALongStop) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)));
  auto collected = h.Tick(t + minutes(1));
  h.clock.Set(t + minutes(30));
  for (const int minute : {5, 5, 6, 10, 15}) h.folder.Append(AccessLine(t + minutes(minute)));
  h.Start(*collected->checkpoint);
  collected = h.Tick(t + minutes(31));
  // Three intervals of silence are told; those before the first line, and four or more, are not.
  EXPECT_THAT(Past(*collected, t),
              ElementsAre(std::pair(6, 2), std::pair(7, 1), std::pair(8, 0), std::pair(9, 0),
                          std::pair(10, 0), std::pair(11, 1), std::pair(16, 1)));
  EXPECT_DOUBLE_EQ(Requests(*collected), 0);
}

TEST(NginxPast, GoesOnAtOnceWhenTheClockIsSetBack) {
  for (const bool between_ticks : {false, true}) {
    NginxHarness h;
    const Time t = h.clock.Now();
    h.folder.Append(AccessLine(t + seconds(1), 200, 1, "a"));
    ASSERT_TRUE(h.Tick(t + minutes(1)));
    h.folder.Append(AccessLine(t + minutes(1) + seconds(10), 200, 1, "b"));
    h.Read();

    ::testing::internal::CaptureStderr();
    const Time back = t - hours(3);
    h.clock.Set(back + seconds(20));
    if (between_ticks) h.Read();
    h.folder.Append(AccessLine(back + seconds(20), 200, 1, "c"));
    if (between_ticks) h.Read();
    auto collected = h.Tick(back + minutes(1));
    ASSERT_TRUE(collected);
    EXPECT_DOUBLE_EQ(Requests(*collected), 1);
    EXPECT_EQ(Counter(*collected, "lines_late"), 0);
    EXPECT_TRUE(collected->partial) << "the interval began by another clock";
    EXPECT_THAT(collected->past, IsEmpty());
    h.folder.Append(AccessLine(back + minutes(1) + seconds(1), 200, 1, "a"));
    collected = h.Tick(back + minutes(2));
    EXPECT_DOUBLE_EQ(Requests(*collected), 1);
    EXPECT_FALSE(collected->partial);
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(log.find("set back"), log.rfind("set back")) << log;
    EXPECT_THAT(log, HasSubstr("counting_from=" + FormatTime(back)));

    collected = h.Tick(t + minutes(2));
    EXPECT_DOUBLE_EQ(Requests(*collected), 0) << "of what the old clock had counted";
  }
}

TEST(NginxPast, EndsATickWhoseClockIsSetBackMeanwhile) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append("");
  ASSERT_TRUE(h.Tick(t));
  h.clock.Set(t + minutes(1));
  std::promise<Result<Collected>> answer;
  std::jthread collecting([&](std::stop_token stop) {
    answer.set_value(h.collector->Collect({t, t + minutes(1), t + seconds(70)}, stop));
  });
  h.clock.AwaitWaiters(1);
  h.clock.Step(-hours(3));
  auto answered = answer.get_future();
  ASSERT_EQ(answered.wait_for(seconds(20)), std::future_status::ready);
  const auto collected = answered.get();
  ASSERT_FALSE(collected);
  EXPECT_THAT(collected.error().message, HasSubstr("set back"));
  const Time back = t - hours(3);
  h.folder.Append(AccessLine(back + minutes(1) + seconds(20)));
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(back + minutes(2))), 1);
}

TEST(NginxPast, ReadsHistoryOnlyWhenAskedTo) {
  for (const bool all : {false, true}) {
    NginxHarness h(seconds(60), all ? "start: beginning" : "");
    const Time t = h.clock.Now();
    h.folder.Append(AccessLine(t - minutes(30)) + AccessLine(t - minutes(29)) +
                    AccessLine(t - hours(24 * 8)) + AccessLine(t + seconds(1)));
    const auto collected = h.Tick(t + minutes(1));
    EXPECT_DOUBLE_EQ(Requests(*collected), 1);
    ASSERT_EQ(collected->past.size(), all ? 30u : 0u);
    if (!all) continue;
    EXPECT_EQ(collected->past[0].end, t - minutes(29));
    EXPECT_DOUBLE_EQ(NginxHarness::ByName(collected->past[1].readings).at("request_rate") * 60, 1);
  }
}

TEST(NginxPast, SaysWhenTheFirstIntervalWasSeenInPart) {
  for (const int second : {-1, 0, 30}) {
    NginxHarness h;
    const Time t = h.clock.Now();
    std::string megabytes;
    while (megabytes.size() < 2'000'000) megabytes += AccessLine(t + seconds(second));
    h.folder.Append(megabytes);
    EXPECT_EQ(h.Tick(t + minutes(1))->partial, second >= 0) << second;
    EXPECT_FALSE(h.Tick(t + minutes(2))->partial);
  }
}

}  // namespace
}  // namespace aiops
