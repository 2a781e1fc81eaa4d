#include "config/section.h"

#include <gtest/gtest.h>

#include "fakes/config_text.h"

namespace aiops {
namespace {

using Names = std::vector<std::string>;

TEST(Section, ReadsEveryType) {
  TestConfig config(R"(
a:
  text: hello
  count: 7
  ratio: 0.25
  on: true
  wait: 1m30s
  mode: plain
  items: [x, "y z"]
  lone: x
  names: {team: core, tier: 2}
)");
  const Section a = config.At("a");
  EXPECT_EQ(a.String("text", "", {}), "hello");
  EXPECT_EQ(a.Int("count", 0, {}), 7);
  EXPECT_EQ(a.Number("ratio", 0, {}), 0.25);
  EXPECT_TRUE(a.Bool("on", false, {}));
  EXPECT_EQ(a.Duration("wait", seconds(1), {}), seconds(90));
  EXPECT_EQ(a.Choice("mode", "other", {"other", "plain"}, {}), "plain");
  EXPECT_EQ(a.Strings("items", {}, {}), (Names{"x", "y z"}));
  EXPECT_EQ(a.Strings("lone", {}, {}), Names{"x"});
  const auto names = a.StringMap("names", {});
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[1], std::pair(std::string("tier"), std::string("2")));
  EXPECT_EQ(config.Problems(), "");
}

TEST(Section, AbsentKeysYieldTheirDefaults) {
  TestConfig config("");
  const Section a = config.At("a.b");
  EXPECT_EQ(a.String("text", "t", {}), "t");
  EXPECT_EQ(a.Int("count", 3, {}), 3);
  EXPECT_EQ(a.Number("ratio", 0.5, {}), 0.5);
  EXPECT_TRUE(a.Bool("on", true, {}));
  EXPECT_EQ(a.Duration("wait", seconds(1), {}), seconds(1));
  EXPECT_EQ(a.Choice("mode", "other", {"other", "plain"}, {}), "other");
  EXPECT_EQ(a.Strings("items", {"x"}, {}), Names{"x"});
  EXPECT_TRUE(a.Secret("token", {}).empty());
  EXPECT_TRUE(a.StringMap("names", {}).empty());
  EXPECT_TRUE(a.List("list", "").empty());
  EXPECT_TRUE(a.Map("map", "").empty());
  EXPECT_FALSE(a.Present());
  EXPECT_FALSE(a.Has("text"));
  EXPECT_EQ(config.Problems(), "");
}

TEST(Section, TellsAllWrongValuesAtOnceInOrderOfTheirLines) {
  TestConfig config(R"(a:
  ratio: abc
  big: 2
  count: 2.5
  on: yes
  wait: 10
  slow: 2h
  mode: plian
  text: [x]
  items: {x: 1}
  mixed: [x, [y]]
  names: [x]
  empty:
  child: 3
  list: {x: 1}
  map: {x: 1}
)");
  const Section a = config.At("a");
  a.Map("map", "");
  a.List("list", "");
  a.Child("child");
  a.Int("empty", 1, {});
  a.StringMap("names", {});
  a.Strings("mixed", {}, {});
  a.Strings("items", {}, {});
  a.String("text", "", {});
  a.Choice("mode", "other", {"other", "plain"}, {});
  a.Duration("slow", seconds(1), {.min = "1s", .max = "1h"});
  a.Duration("wait", seconds(1), {});
  a.Bool("on", false, {});
  a.Int("count", 0, {.min = "1"});
  a.Number("big", 0, {.max = "1"});
  EXPECT_EQ(a.Number("ratio", 0.5, {.min = "0.001", .max = "1"}), 0.5);
  EXPECT_EQ(config.Problems(),
            "aiops.yml:2: a.ratio: found 'abc', want a number from 0.001 to 1\n"
            "aiops.yml:3: a.big: found '2', want a number of at most 1\n"
            "aiops.yml:4: a.count: found '2.5', want a whole number of at least 1\n"
            "aiops.yml:5: a.on: found 'yes', want true or false\n"
            "aiops.yml:6: a.wait: found '10', want a duration like 30s, 5m or 1h30m\n"
            "aiops.yml:7: a.slow: found '2h', want a duration from 1s to 1h\n"
            "aiops.yml:8: a.mode: found 'plian', want one of other, plain; did you mean plain?\n"
            "aiops.yml:9: a.text: found a list, want text\n"
            "aiops.yml:10: a.items: found a mapping, want a list of texts\n"
            "aiops.yml:11: a.mixed[1]: found a list, want text\n"
            "aiops.yml:12: a.names: found a list, want a mapping of names to texts\n"
            "aiops.yml:13: a.empty: found nothing, want a whole number\n"
            "aiops.yml:14: a.child: found text, want a mapping\n"
            "aiops.yml:15: a.list: found a mapping, want a list of mappings\n"
            "aiops.yml:16: a.map.x: found text, want a mapping\n");
}

TEST(Section, RefusesNumbersThatAreNotFinite) {
  TestConfig config("{a: inf, b: nan, c: 1e999, d: 0x10, e: '', f: 99999999999999999999}");
  for (const char* key : {"a", "b", "c", "d", "e"}) EXPECT_EQ(config.Root().Number(key, 7, {}), 7);
  EXPECT_EQ(config.Root().Int("f", 7, {}), 7);
  EXPECT_EQ(config.document().problems().size(), 6u);
}

TEST(Section, WalksListsAndMaps) {
  TestConfig config(R"(
facts:
  - name: one
  - {name: two, nmae: x}
scopes:
  web: {size: 1}
  db:
)");
  Names names;
  for (const auto& fact : config.Root().List("facts", ""))
    names.push_back(fact.String("name", "", {}));
  EXPECT_EQ(names, (Names{"one", "two"}));
  const auto scopes = config.Root().Map("scopes", "");
  ASSERT_EQ(scopes.size(), 2u);
  EXPECT_EQ(scopes[0].first, "web");
  EXPECT_EQ(scopes[0].second.Int("size", 0, {}), 1);
  EXPECT_EQ(scopes[1].second.Int("size", 5, {}), 5);
  EXPECT_EQ(config.Problems(), "aiops.yml:4: facts[1].nmae: unknown key, did you mean name?\n");
}

TEST(Section, ReportsAtThePlaceOfTheValue) {
  TestConfig config("a:\n  b: 1\n  names:\n    team: x\n", {{"AGENT_A_C", "2"}});
  const Section a = config.At("a");
  a.Int("b", 0, {});
  a.Int("c", 0, {});
  a.StringMap("names", {});
  a.Report("b", "is odd");
  a.Report("c", "is even");
  a.Report("d", "is missing");
  a.Report("names.team", "is taken");
  a.Report("", "is empty");
  EXPECT_EQ(config.Problems(),
            "aiops.yml:1: a.d: is missing\n"
            "aiops.yml:1: a: is empty\n"
            "aiops.yml:2: a.b: is odd\n"
            "aiops.yml:4: a.names.team: is taken\n"
            "environment AGENT_A_C: a.c: is even\n");
}

TEST(Section, IsPresentHoweverItWasGiven) {
  EXPECT_TRUE(TestConfig("a: {b: 1}").At("a").Present());
  EXPECT_TRUE(TestConfig("a:").At("a").Present());
  EXPECT_TRUE(TestConfig("", {{"AGENT_A_B", "1"}}).At("a").Present());
  EXPECT_TRUE(TestConfig("", {{"AGENT_A_B", "1"}}).At("a").Has("b"));
  EXPECT_FALSE(TestConfig("", {{"AGENT_A_B", ""}}).At("a").Present());
  EXPECT_FALSE(TestConfig("", {{"AGENT_AB", "1"}}).At("a").Present());
  TestConfig alias("", {{"AGENT_TELEGRAM_BOT_TOKEN", "t"}});
  EXPECT_TRUE(alias.At("notify.telegram").Present());
  EXPECT_TRUE(alias.At("notify.telegram").Has("bot_token"));
  EXPECT_FALSE(alias.At("analyze.ollama").Present());
  EXPECT_TRUE(TestConfig("a: {b: {c: 1}}").At("a").Has("b.c"));
}

}  // namespace
}  // namespace aiops
