// Logs of containers, and logs whose format is guessed, through the whole collector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Cri(const std::string& text, const std::string& tags = "stdout F") {
  return "2026-11-23T03:02:00.123456789Z " + tags + " " + text + "\n";
}

std::string Line(Time t, int status = 200) {
  std::string line = AccessLine(t, status);
  line.pop_back();
  return line;
}

TEST(NginxWrapped, GuessesTheFormatOfEveryLogAndSaysSo) {
  NginxHarness h(seconds(60), "format: auto\nlogs: ['DIR/*.log']");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)), "a.log");
  h.folder.Append(AccessLine(t + seconds(2)), "b.log");
  h.folder.Append(R"({"msec":)" + std::to_string(UnixMillis(t) / 1000) +
                      R"(,"status":500})"
                      "\n",
                  "c.log");
  h.folder.Append("what\n", "d.log");
  for (int i = 0; i < 20; ++i) h.folder.Append("is that\n", "d.log");
  const auto collected = h.Tick(t + seconds(60));
  ASSERT_TRUE(collected);
  EXPECT_EQ(h.problems, "");
  EXPECT_DOUBLE_EQ(Requests(*collected), 3);
  EXPECT_EQ(Counter(*collected, "lines_malformed", "bad_format"), 21);
  EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("no known format fits"),
                                            "format guessed: combined (a.log and 1 more)",
                                            "format guessed: json (c.log)"));
}

// /var/log/containers has symbolic links to the pods' logs.
TEST(NginxWrapped, ReadsThePodsLogThroughItsLink) {
  NginxHarness h(seconds(60), "format: auto\nlogs: ['DIR/link.log']");
  const Time t = h.clock.Now();
  h.folder.Append(Cri("2026/11/23 03:02:00 [notice] 1#1: start", "stderr F") +
                      Cri(Line(t + seconds(1))) + Cri(Line(t + seconds(2), 404)),
                  "0.log");
  std::filesystem::create_symlink(h.folder.Path("0.log"), h.folder.Path("link.log"));
  const auto collected = h.Tick(t + seconds(60));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 2);
  EXPECT_EQ(Counter(*collected, "lines_ignored", "stderr"), 1);
  EXPECT_EQ(Counter(*collected, "lines_malformed", "bad_format"), 0);
}

// Killed after any piece of the log, it counts what it would have counted without.
TEST(NginxWrapped, LosesNoPartOfALineToARestart) {
  NginxHarness h(seconds(60), "format: auto\nstart: beginning");
  const Time t = h.clock.Now();
  const std::string line = Line(t + seconds(70), 503);
  const std::vector<std::string> pieces{
      Cri(Line(t + seconds(61))), Cri(line.substr(0, 30), "stdout P"),
      Cri("oops", "stderr P"),    Cri(line.substr(30, 20), "stdout P"),
      Cri("!", "stderr F"),       Cri(line.substr(50)),
      Cri(Line(t + seconds(71)))};
  h.folder.Append("");
  auto collected = h.Tick(t + seconds(60));
  for (size_t i = 0; i < pieces.size(); ++i) {
    h.folder.Append(pieces[i]);
    collected = h.Tick(t + seconds(60) + milliseconds(100) * static_cast<int>(i + 1));
    ASSERT_TRUE(collected);
    EXPECT_EQ(Counter(*collected, "lines_malformed", "bad_format"), 0) << i;
    h.Start(*collected->checkpoint);
  }
  collected = h.Tick(t + seconds(120));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 3);
  EXPECT_DOUBLE_EQ(NginxHarness::ByName(collected->readings).at("error_rate_5xx"), 1.0 / 3);
}

TEST(NginxWrapped, KeepsItsGuessOverARestart) {
  NginxHarness h(seconds(60), "format: auto\nstart: beginning");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)));
  auto collected = h.Tick(t + seconds(60));
  h.Start(*collected->checkpoint);
  std::string common = Line(t + seconds(61));
  common.resize(common.find(" \"-\""));
  h.folder.Append(common + "\n");
  collected = h.Tick(t + seconds(120));
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->notes, Contains("format guessed: combined (access.log)"));
  EXPECT_EQ(Counter(*collected, "lines_malformed", "bad_format"), 1);
}

TEST(NginxWrapped, ReportsClientsThatNobodyCanTell) {
  const auto problems = [](const std::string& options) {
    return NginxHarness(seconds(60), options).problems;
  };
  EXPECT_THAT(
      problems("client: x_forwarded_for"),
      HasSubstr("collect.nginx.client: found 'http_x_forwarded_for', a header that anybody"));
  EXPECT_THAT(
      problems("client: x_forwarded_for\ntrusted_proxies: [10.0.0.0/8]"),
      HasSubstr("collect.nginx.client: the format 'combined' has no $http_x_forwarded_for"));
  EXPECT_THAT(problems("format: main\nclient: x_forwarded_for\ntrusted_proxies: [10.0.0.0/8]"),
              IsEmpty());
  EXPECT_THAT(problems("format: auto\nclient: x_forwarded_for\ntrusted_proxies: [10.0.0.1/8]"),
              HasSubstr("collect.nginx.trusted_proxies: found '10.0.0.1/8', has bits behind"));
  EXPECT_THAT(problems("client: 'the client'"), HasSubstr("want the name of a variable"));
  EXPECT_THAT(problems("format: json\njson_keys: {statsu: code}"),
              HasSubstr("collect.nginx.json_keys: no such field: statsu"));
}

}  // namespace
}  // namespace aiops
