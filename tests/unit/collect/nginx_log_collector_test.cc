#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NginxLogCollector, TurnsAMinuteOfTheLogIntoFiveFeatures) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t - seconds(1), 200, 9999));
  h.folder.Append(AccessLine(t, 200, 100, "192.0.2.1"));
  h.folder.Append(AccessLine(t + seconds(30), 404, 300, "2001:db8::1"));
  h.folder.Append(AccessLine(t + seconds(59), 502, 200, "192.0.2.1"));
  h.folder.Append(AccessLine(t + seconds(60), 200, 9999));
  const auto collected = h.Tick(t + seconds(60));
  ASSERT_TRUE(collected);
  EXPECT_EQ(h.problems, "");
  const Values expected{{"request_rate", 3.0 / 60},
                        {"error_rate_4xx", 1.0 / 3},
                        {"error_rate_5xx", 1.0 / 3},
                        {"unique_ips_per_min", 2},
                        {"avg_response_size", 200}};
  EXPECT_EQ(NginxHarness::ByName(collected->readings), expected);
  EXPECT_THAT(collected->past, IsEmpty());
  EXPECT_FALSE(collected->partial);
}

// Nearly all logs have whole seconds: what comes up to 999 ms after a minute's end may be stamped
// with it.
TEST(NginxLogCollector, NeedsNoGraceForTheRoundingOfStamps) {
  NginxHarness h(seconds(60), "grace: 0s");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(59)));
  for (int minute = 1; minute <= 3; ++minute) {
    const Time end = t + minutes(minute);
    h.clock.Set(end);
    const auto collected = h.collector->Collect({end - minutes(1), end, end + seconds(10)}, {});
    ASSERT_TRUE(collected);
    EXPECT_DOUBLE_EQ(Requests(*collected), 1) << minute;
    EXPECT_EQ(Counter(*collected, "lines_late"), 0);
    h.clock.Set(end + milliseconds(900));
    h.folder.Append(AccessLine(end));
  }
}

TEST(NginxLogCollector, LeavesRatiosOutWhenNobodyAsked) {
  NginxHarness h;
  h.folder.Append("");
  const auto collected = h.Tick(h.clock.Now() + seconds(60));
  ASSERT_TRUE(collected);
  const Values expected{{"request_rate", 0}, {"unique_ips_per_min", 0}};
  EXPECT_EQ(NginxHarness::ByName(collected->readings), expected);
}

TEST(NginxLogCollector, CountsClientsOfTheLastMinuteAtShorterTicks) {
  NginxHarness h(seconds(10));
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1), 200, 1, "a") +
                  AccessLine(t + seconds(9), 200, 1, "b"));
  EXPECT_EQ(NginxHarness::ByName(h.Tick(t + seconds(10))->readings)["unique_ips_per_min"], 2);
  h.folder.Append(AccessLine(t + seconds(10), 200, 1, "a") +
                  AccessLine(t + seconds(16), 200, 1, "c"));
  EXPECT_EQ(NginxHarness::ByName(h.Tick(t + seconds(20))->readings)["unique_ips_per_min"], 3);
  auto collected = h.Tick(t + seconds(30));
  h.Start(*collected->checkpoint);
  for (int end : {40, 50, 60}) collected = h.Tick(t + seconds(end));
  EXPECT_EQ(NginxHarness::ByName(collected->readings)["unique_ips_per_min"], 3);
  collected = h.Tick(t + seconds(70));
  EXPECT_EQ(NginxHarness::ByName(collected->readings)["unique_ips_per_min"], 2) << "b is gone";
  collected = h.Tick(t + seconds(80));
  EXPECT_EQ(NginxHarness::ByName(collected->readings)["unique_ips_per_min"], 0);
}

TEST(NginxLogCollector, WaitsForTheGraceAndCallsLaterLinesLate) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(10)));
  h.clock.Set(t + seconds(60));
  auto collected = Result<Collected>(Internal("not yet"));
  std::jthread collecting([&] {
    collected = h.collector->Collect({t, t + seconds(60), t + seconds(70)}, {});
  });
  h.clock.AwaitWaiters(1);
  h.folder.Append(AccessLine(t + seconds(59)) + AccessLine(t + seconds(3)));  // out of order
  h.clock.Set(t + seconds(65));
  collecting.join();
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 3);
  h.folder.Append(AccessLine(t + seconds(59)) + AccessLine(t + seconds(60)));
  collected = h.Tick(t + seconds(120));
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_EQ(Counter(*collected, "lines_late"), 1);
}

TEST(NginxLogCollector, KeepsTheGraceOfAShortIntervalThatFitsBeforeTheDeadline) {
  NginxHarness h(seconds(1), "grace: 700ms");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t));
  h.clock.Set(t + milliseconds(1650));
  auto collected = Result<Collected>(Internal("not yet"));
  std::atomic<bool> told = false;
  std::jthread collecting([&](std::stop_token stop) {
    collected = h.collector->Collect({t, t + seconds(1), t + milliseconds(1800)}, {});
    told = true;
    h.clock.WaitUntil(t + hours(1), stop);
  });
  h.clock.AwaitWaiters(1);
  EXPECT_FALSE(told);
  h.folder.Append(AccessLine(t));
  h.clock.Set(t + milliseconds(1700));
  collecting.request_stop();
  collecting.join();
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected, 1), 2);
}

TEST(NginxLogCollector, LeavesLinesOfTheFutureOut) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + hours(1)) + AccessLine(t + seconds(5)));
  auto collected = h.Tick(t + seconds(60));
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_EQ(Counter(*collected, "lines_future"), 1);
}

TEST(NginxLogCollector, CountsBrokenLinesByReason) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append("");
  h.Read();
  h.folder.Append("\n\r\nnonsense\n" + std::string(70'000, 'x') + "\n" +
                  AccessLine(t + seconds(1)) + std::string(3'000'000, 'y') + "\n" +
                  std::string(5000, '\0') + AccessLine(t + seconds(2)) + "\xEF\xBB\xBF" +
                  AccessLine(t + seconds(3)));
  const auto collected = h.Tick(t + seconds(60));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 3);
  EXPECT_EQ(Counter(*collected, "lines_malformed", "empty"), 2);
  EXPECT_EQ(Counter(*collected, "lines_malformed", "bad_format"), 1);
  EXPECT_EQ(Counter(*collected, "lines_malformed", "too_long"), 2);
}

TEST(NginxLogCollector, KeepsAPartialLineUntilItIsFinished) {
  NginxHarness h;
  const Time t = h.clock.Now();
  const std::string line = AccessLine(t + seconds(1));
  h.folder.Append(line.substr(0, 40));
  h.Read();
  h.folder.Append(line.substr(40, 5));
  h.Read();
  h.folder.Append(line.substr(45));
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + seconds(60))), 1);
}

TEST(NginxLogCollector, AnswersATickThatComesEarly) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(10), 200, 1, "a") +
                  AccessLine(t + seconds(30), 200, 1, "b"));
  h.clock.Set(t + seconds(28));
  auto early = h.collector->Collect({t, t + seconds(23), h.clock.Now() + seconds(5)}, {});
  EXPECT_DOUBLE_EQ(Requests(*early, 23), 1);
  const auto rest = h.Tick(t + minutes(1));
  EXPECT_DOUBLE_EQ(Requests(*rest, 37), 1);
  EXPECT_EQ(NginxHarness::ByName(rest->readings).at("unique_ips_per_min"), 2);
}

TEST(NginxLogCollector, ReadsALogThatAppearsLaterFromItsBeginning) {
  NginxHarness h(seconds(60), "logs: [DIR/sub/access.log]");
  const Time t = h.clock.Now();
  EXPECT_FALSE(h.Tick(t + minutes(1)));
  std::filesystem::create_directory(h.folder.Path("sub"));
  h.folder.Append(AccessLine(t + minutes(1) + seconds(30)), "sub/access.log");
  auto collected = h.Tick(t + minutes(2));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);

  std::filesystem::remove_all(h.folder.Path("sub"));
  for (int minute = 3; minute < 6; ++minute) collected = h.Tick(t + minutes(minute));
  EXPECT_FALSE(collected) << "deleted, and quiet for a minute";
  std::filesystem::create_directory(h.folder.Path("sub"));
  h.folder.Append(AccessLine(t + minutes(5) + seconds(30)), "sub/access.log");
  collected = h.Tick(t + minutes(6));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_THAT(collected->past, IsEmpty());
}

TEST(NginxLogCollector, FollowsAllLogsOfAPatternButNotTheRotatedOnes) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log*']");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)), "a.log");
  h.folder.Append(AccessLine(t + seconds(1)) + AccessLine(t + seconds(2)), "b.log");
  for (const char* rotated : {"a.log.1", "a.log-20261123", "a.log.2.gz"}) {
    h.folder.Append(AccessLine(t + seconds(1)), rotated);
  }
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + minutes(1))), 3);
}

// A symbolic link beside its target, and a hard link: as often as the names change, also when the
// first name has let the file go.
TEST(NginxLogCollector, ReadsAFileWithSeveralNamesOnce) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log']");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)), "a.log");
  std::filesystem::create_symlink("a.log", h.folder.Path("b.log"));
  std::filesystem::create_hard_link(h.folder.Path("a.log"), h.folder.Path("c.log"));
  const auto first = h.Tick(t + minutes(1));
  EXPECT_DOUBLE_EQ(Requests(*first), 1);
  EXPECT_THAT(first->notes, ElementsAre(HasSubstr("b.log is a file that is read under another"),
                                        HasSubstr("c.log is a file that is read under another")));
  h.folder.Append(AccessLine(t + minutes(3)), "a.log");
  h.folder.Rename("a.log", "d.log");
  h.folder.Append(AccessLine(t + minutes(3)), "a.log");
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + minutes(2))), 0);
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + minutes(4))), 2);
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + minutes(5))), 0);
  EXPECT_DOUBLE_EQ(Requests(*h.Tick(t + minutes(6))), 0);
}

TEST(NginxLogCollector, RefusesDamagedCheckpoints) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1), 502) + AccessLine(t + seconds(61)));
  const std::string good = *h.Tick(t + minutes(1))->checkpoint;
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(h.collector->Restore(good.substr(0, cut))) << cut;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'9', '-', '"', ']', '\xff', 'e'}) {
      std::string bad = good;
      bad[at] = byte;
      (void)h.collector->Restore(bad);  // must survive; some changes are harmless
    }
  }
  EXPECT_FALSE(h.collector->Restore("[[[[[[[["));
  EXPECT_FALSE(h.collector->Restore(R"({"version":2})"));
}

TEST(NginxLogCollector, ReportsOptionsThatCannotBe) {
  NginxHarness h(seconds(60), "format: 'no variables'\ngrace: 1h\nlogz: x");
  EXPECT_THAT(h.problems,
              HasSubstr("collect.nginx.format: found 'no variables', want auto, common"));
  EXPECT_THAT(h.problems, HasSubstr("collect.nginx.grace"));
  EXPECT_THAT(h.problems, HasSubstr("logz"));
}

TEST(NginxLogCollector, StopsPromptly) {
  NginxHarness h;
  h.folder.Append("");
  std::stop_source stop;
  stop.request_stop();
  const Time t = h.clock.Now();
  const auto collected =
      h.collector->Collect({t, t + minutes(1), t + minutes(2)}, stop.get_token());
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kCancelled);
  h.collector->Advance(t + hours(1), stop.get_token());
}

TEST(NginxLogCollector, FindsASiteThatAnswersOnlyErrors) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append("");
  Result<Collected> collected = Internal("");
  std::vector<size_t> facts;
  for (int minute = 0; minute < 4; ++minute) {  // three requests a minute
    for (int s : {5, 25, 45}) {
      h.folder.Append(
          AccessLine(t + minutes(minute) + seconds(s), 502, 1, "a", "/cart?token=s3cret"));
    }
    collected = h.Tick(t + minutes(minute + 1));
    facts.push_back(collected->facts.size());
  }
  EXPECT_EQ(facts, (std::vector<size_t>{0, 1, 1, 1}));
  const Fact& fact = collected->facts[0];
  EXPECT_EQ(fact.name, "site_only_errors");
  EXPECT_EQ(fact.object, "access.log");
  EXPECT_EQ(fact.since, t + seconds(5));
  EXPECT_THAT(fact.summary, HasSubstr("last 12 requests"));
  for (const auto& [key, value] : fact.details) EXPECT_THAT(value, Not(HasSubstr("s3cret")));

  h.Start(*collected->checkpoint);
  collected = h.Tick(t + minutes(5));
  ASSERT_EQ(collected->facts.size(), 1u) << "silence ends it only after ten minutes";
  EXPECT_EQ(collected->facts[0].since, t + seconds(5));
  h.folder.Append(AccessLine(t + minutes(5) + seconds(1), 499) +
                  AccessLine(t + minutes(5) + seconds(2), 503));
  EXPECT_EQ(h.Tick(t + minutes(6))->facts.size(), 1u);
  h.folder.Append(AccessLine(t + minutes(6) + seconds(1), 404));
  EXPECT_THAT(h.Tick(t + minutes(7))->facts, IsEmpty());
}

std::string LastPath(const Result<Collected>& collected) {
  for (const auto& [key, value] : collected->facts.at(0).details) {
    if (key == "last_path") return value;
  }
  return "none";
}

TEST(NginxLogCollector, TellsThePathOfAnErrorAsATemplate) {
  NginxHarness h;
  const Time t = h.clock.Now();
  const std::string path = "/reset/S3cr3tT0ken9f8e7d/confirm";
  for (int s = 1; s <= 5; ++s) h.folder.Append(AccessLine(t + seconds(s), 500, 1, "a", path));
  auto collected = h.Tick(t + minutes(1));
  EXPECT_EQ(LastPath(collected), "/reset/*/confirm");
  std::string checkpoint = *collected->checkpoint;
  EXPECT_THAT(checkpoint, Not(HasSubstr("S3cr3t")));
  h.Start(checkpoint);
  EXPECT_EQ(LastPath(h.Tick(t + minutes(2))), "/reset/*/confirm");
  // As earlier versions stored it.
  checkpoint.replace(checkpoint.find("/reset/*"), 8, "/reset/S3cr3tT0ken9f8e7d");
  h.Start(checkpoint);
  EXPECT_EQ(LastPath(h.Tick(t + minutes(2))), "/reset/*/confirm");
}

TEST(NginxLogCollector, ForgetsErrorsThatNobodyRepeats) {
  NginxHarness h;
  const Time t = h.clock.Now();
  for (int s = 1; s <= 5; ++s) h.folder.Append(AccessLine(t + seconds(s), 500));
  EXPECT_EQ(h.Tick(t + minutes(1))->facts.size(), 1u);
  EXPECT_THAT(h.Tick(t + minutes(11))->facts, IsEmpty());
}

TEST(NginxLogCollector, KeepsQuietAboutFourErrorsAndAboutAMomentOfThem) {
  NginxHarness h;
  const Time t = h.clock.Now();
  for (int s = 1; s <= 4; ++s) h.folder.Append(AccessLine(t + seconds(s), 500));
  EXPECT_THAT(h.Tick(t + minutes(1))->facts, IsEmpty());
  h.folder.Append(AccessLine(t + minutes(1)));
  for (int s = 1; s <= 9; ++s) h.folder.Append(AccessLine(t + minutes(2) + seconds(s) / 3, 500));
  EXPECT_THAT(h.Tick(t + minutes(2))->facts, IsEmpty());
}

TEST(NginxLogCollector, NamesSitesByTheirServerName) {
  NginxHarness h(seconds(60), "format: '$msec $status $server_name'");
  const Time t = h.clock.Now();
  for (int s = 1; s <= 6; ++s) {
    const std::string stamp = std::to_string(UnixMillis(t + seconds(s)) / 1000);
    h.folder.Append(stamp + " 500 shop\n" + stamp + " 200 blog\n");
  }
  const auto collected = h.Tick(t + minutes(1));
  ASSERT_EQ(collected->facts.size(), 1u);
  EXPECT_EQ(collected->facts[0].object, "shop");
  const auto values = NginxHarness::ByName(collected->readings);
  EXPECT_FALSE(values.contains("unique_ips_per_min")) << "the format has no client";
  EXPECT_FALSE(values.contains("avg_response_size"));
  EXPECT_DOUBLE_EQ(values.at("error_rate_5xx"), 0.5);
}

}  // namespace
}  // namespace aiops
