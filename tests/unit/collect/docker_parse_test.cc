#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "collect/docker/parse.h"

namespace aiops::docker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kId = "0123456789abcdef";

std::string Recorded(const std::string& name) {
  std::ifstream file(std::string(AIOPS_TESTDATA) + "/docker/engine-20.10/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

Inspection Inspected(const std::string& name) {
  const auto inspection = ParseInspection(Recorded("inspect-" + name + ".json"));
  EXPECT_TRUE(inspection);
  return inspection ? *inspection : Inspection{};
}

TEST(DockerParse, ReadsARecordedList) {
  const auto list = ParseContainers(Recorded("containers.json"), 100);
  ASSERT_TRUE(list);
  EXPECT_THAT(list->containers, SizeIs(17));
  EXPECT_EQ(list->malformed, 0u);
  const auto found = std::find_if(list->containers.begin(), list->containers.end(),
                                  [](const Container& c) { return c.name == "api-unhealthy"; });
  ASSERT_NE(found, list->containers.end());
  EXPECT_EQ(found->state, "running");
  EXPECT_EQ(found->image, "debian:bookworm-slim");
  EXPECT_THAT(found->status, HasSubstr("(unhealthy)"));
}

TEST(DockerParse, ReadsRecordedInspections) {
  const auto unhealthy = Inspected("api-unhealthy");
  EXPECT_EQ(unhealthy.health, "unhealthy");
  EXPECT_EQ(unhealthy.health_output, "connect: connection refused");
  EXPECT_FALSE(unhealthy.finished_at);

  const auto eater = Inspected("eater");
  EXPECT_TRUE(eater.oom_killed);
  EXPECT_EQ(eater.exit_code, 137);
  EXPECT_EQ(eater.restart_policy, "no");
  ASSERT_TRUE(eater.finished_at);

  const auto looping = Inspected("loop-always");
  EXPECT_EQ(looping.state, "restarting");
  EXPECT_GE(looping.restart_count, 3);
  EXPECT_EQ(looping.restart_policy, "always");

  EXPECT_THAT(Inspected("cant-start").error, HasSubstr("/no/such/binary"));
  EXPECT_EQ(Inspected("web-healthy").health, "healthy");
}

TEST(DockerParse, ReadsRecordedEvents) {
  const auto events = ParseEvents(Recorded("events.txt"));
  EXPECT_THAT(events, SizeIs(17));
  const auto kills = std::count_if(events.begin(), events.end(), [](const Event& e) {
    return e.kind == Event::Kind::kKill && e.signal == 15;
  });
  EXPECT_EQ(kills, 3);
}

TEST(DockerParse, SkipsEntriesWithoutAUsableIdOrName) {
  const auto list = ParseContainers(
      R"([{"Id":"../../secrets/x","Names":["/a"]},{"Id":"0123456789abcdef","Names":[]},
          {"Id":"0123456789abcdef","Names":"/a"},{"Id":7,"Names":["/a"]},null,3,[],
          {"Id":"0123456789ABCDEF","Names":["/a"]},
          {"Id":"0123456789abcdef","Names":["/other/alias",5,"/own"],"State":{},"Status":[1]}])",
      100);
  ASSERT_TRUE(list);
  ASSERT_THAT(list->containers, SizeIs(1));
  EXPECT_EQ(list->containers[0].name, "own");
  EXPECT_EQ(list->containers[0].state, "");
  EXPECT_EQ(list->malformed, 8u);
}

TEST(DockerParse, ManyContainersAreCutAtTheLimitAndCounted) {
  std::string json = "[";
  for (int i = 0; i < 10; ++i)
    json += std::string(i ? "," : "") + R"({"Id":"0123456789abcdef","Names":["/n"]})";
  const auto list = ParseContainers(json + "]", 4);
  ASSERT_TRUE(list);
  EXPECT_THAT(list->containers, SizeIs(4));
  EXPECT_EQ(list->left_out, 6u);
}

TEST(DockerParse, WhatIsNoListIsCorrupt) {
  for (const std::string bad :
       {"", "{}", "[", "[{\"Id\":", "null", "OK", "\xff\xfe", "[1,2", "<html>"}) {
    const auto list = ParseContainers(bad, 10);
    ASSERT_FALSE(list) << bad;
    EXPECT_EQ(list.error().kind, ErrorKind::kCorruption);
  }
}

TEST(DockerParse, SurvivesDeepNesting) {
  EXPECT_FALSE(ParseContainers(std::string(1 << 20, '['), 10));
  EXPECT_FALSE(ParseInspection(std::string(1 << 20, '{')));
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_TRUE(ParseContainers(deep, 10));
}

TEST(DockerParse, FieldsOfAnotherTypeCountAsAbsent) {
  const auto inspection = ParseInspection(
      R"({"State":{"Status":7,"ExitCode":"1","OOMKilled":"true","FinishedAt":5,"Error":[],
          "Health":{"Status":{},"Log":[3]}},"RestartCount":-4,
          "HostConfig":[],"Config":{"Image":null}})");
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->exit_code, 0);
  EXPECT_FALSE(inspection->oom_killed);
  EXPECT_FALSE(inspection->finished_at);
  EXPECT_EQ(inspection->restart_count, 0);
  EXPECT_EQ(inspection->restart_policy, "");
  EXPECT_EQ(inspection->health, "");
}

TEST(DockerParse, HugeNumbersAreCappedNotWrapped) {
  const auto inspection =
      ParseInspection(R"({"State":{"ExitCode":99999999999},"RestartCount":18446744073709551615})");
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->exit_code, INT32_MAX);
  EXPECT_EQ(inspection->restart_count, INT64_MAX);
}

TEST(DockerParse, HealthOutputIsCutAndHarmless) {
  const auto inspection = ParseInspection(
      R"({"State":{"Health":{"Status":"unhealthy","Log":[{"Output":"old"},{"Output":"\u001b[2J)" +
      std::string(5000, 'x') + R"("}]}}})");
  ASSERT_TRUE(inspection);
  EXPECT_LE(inspection->health_output.size(), 200u);
  EXPECT_THAT(inspection->health_output, testing::StartsWith("[2Jxxx"));
}

TEST(DockerParse, PodmansHealthIsFoundUnderItsOwnName) {
  const auto inspection =
      ParseInspection(R"({"State":{"Healthcheck":{"Status":"unhealthy","Log":null}}})");
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->health, "unhealthy");
}

TEST(DockerParse, EventsThatAreNoneAreSkippedAndTheRestIsInOrder) {
  const std::string id = kId;
  const auto events =
      ParseEvents("garbage\n\n[]\n{\"Type\":\"image\",\"Action\":\"start\",\"Actor\":{\"ID\":\"" +
                  id + "\"}}\n" + R"({"Type":"container","Action":"die","Actor":{"ID":")" + id +
                  R"("},"timeNano":2000000})" + "\n" +
                  R"({"Type":"container","Action":"kill","Actor":{"ID":")" + id +
                  R"(","Attributes":{"signal":"15"}},"timeNano":1000000})" + "\n" +
                  R"({"Type":"container","Action":"start","Actor":{"ID":"../x"},"timeNano":1})");
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].kind, Event::Kind::kKill);
  EXPECT_EQ(events[0].signal, 15);
  EXPECT_EQ(events[1].kind, Event::Kind::kDie);
}

}  // namespace
}  // namespace aiops::docker
