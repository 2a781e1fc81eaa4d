#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/docker/container_watch.h"

namespace aiops::docker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kId = "0123456789abcdef";

// One container, looked at once a minute.
class DockerContainerWatch : public testing::Test {
 protected:
  // One tick in which the engine says this.
  std::vector<Fact> Tick(std::string state, std::string status, Inspection inspection = {},
                         std::vector<Event> events = {}) {
    now_ += minutes(1);
    inspection.state = state;
    watch_.Begin({{kId, "db", "postgres:16", std::move(state), std::move(status)}}, now_);
    watch_.ApplyEvents(events);
    for (const auto& id : watch_.ToInspect(50, false)) watch_.Inspected(id, inspection);
    return watch_.Judge();
  }

  std::vector<Fact> Running(std::int64_t restarts = 0) {
    return Tick("running", "Up 20 seconds", {.restart_count = restarts});
  }

  static std::vector<std::string> Names(const std::vector<Fact>& facts) {
    std::vector<std::string> names;
    for (const auto& fact : facts) names.push_back(fact.name);
    return names;
  }

  ContainerWatch watch_{WatchOptions{}};
  Time now_ = FromUnixMillis(1'700'000'000'000);
};

Inspection Exit(int code, const char* policy) {
  return {.exit_code = code, .restart_policy = policy};
}

TEST_F(DockerContainerWatch, AHealthyContainerIsNoFact) {
  EXPECT_THAT(Running(), IsEmpty());
  EXPECT_EQ(watch_.unhealthy_count(), 0);
  EXPECT_EQ(watch_.running_count(), 1);
}

TEST_F(DockerContainerWatch, AContainerThatDiedIsDownUntilItRuns) {
  auto exit = Exit(1, "on-failure");
  exit.finished_at = now_ + seconds(30);
  const auto facts = Tick("exited", "Exited (1) 30 seconds ago", exit);
  ASSERT_THAT(Names(facts), ElementsAre("container_down"));
  EXPECT_EQ(facts[0].object, "db");
  EXPECT_EQ(facts[0].severity, Severity::kCritical);
  EXPECT_EQ(facts[0].summary, "db exited with 1 and was not started again");
  EXPECT_EQ(facts[0].since, *exit.finished_at);
  EXPECT_THAT(facts[0].details,
              testing::IsSupersetOf({std::pair<std::string, std::string>("exit_code", "1"),
                                     {"image", "postgres:16"}}));
  EXPECT_EQ(watch_.unhealthy_count(), 1);
  EXPECT_THAT(Running(), IsEmpty());
  EXPECT_EQ(watch_.unhealthy_count(), 0);
}

TEST_F(DockerContainerWatch, AnUnhealthyContainerSaysWhatItsProbeSaid) {
  const auto facts = Tick("running", "Up 2 hours (unhealthy)",
                          {.health = "unhealthy", .health_output = "connection refused"});
  ASSERT_THAT(Names(facts), ElementsAre("container_unhealthy"));
  EXPECT_EQ(facts[0].severity, Severity::kWarning);
  EXPECT_EQ(facts[0].summary, "db is unhealthy: connection refused");
  EXPECT_EQ(facts[0].since, now_);
  const auto since = now_;
  EXPECT_EQ(Tick("running", "Up 2 hours (unhealthy)", {.health = "unhealthy"})[0].since, since);
}

TEST_F(DockerContainerWatch, RestartsAreALoopFromTheThirdWithinTenMinutes) {
  EXPECT_THAT(Running(5), IsEmpty()) << "restarts of long ago";
  EXPECT_THAT(Running(6), IsEmpty());
  EXPECT_THAT(Running(7), IsEmpty());
  const auto facts = Running(8);
  ASSERT_THAT(Names(facts), ElementsAre("container_restart_loop"));
  EXPECT_EQ(facts[0].severity, Severity::kCritical);
  EXPECT_EQ(facts[0].summary, "db restarts in a loop: 3 restarts within 10m");
  EXPECT_EQ(watch_.unhealthy_count(), 0) << "it runs at the moment";
  int minutes_until_end = 0;
  while (minutes_until_end < 30 && !Running(8).empty()) ++minutes_until_end;
  EXPECT_LE(minutes_until_end, 10);
}

TEST_F(DockerContainerWatch, RareRestartsAreNoLoop) {
  for (int restarts = 0; restarts < 6; ++restarts)
    for (int minute = 0; minute < 5; ++minute) EXPECT_THAT(Running(restarts), IsEmpty());
}

TEST_F(DockerContainerWatch, ALoopThatWasThereBeforeUsIsSeenAtOnce) {
  Inspection inspection{.exit_code = 1, .finished_at = now_ + seconds(50), .restart_count = 12};
  EXPECT_THAT(Names(Tick("restarting", "Restarting (1) 10 seconds ago", inspection)),
              ElementsAre("container_restart_loop"));
  EXPECT_EQ(watch_.unhealthy_count(), 1);
}

TEST_F(DockerContainerWatch, StartingByHandBeginsTheCountAnew) {
  Running(0);
  Running(2);
  EXPECT_THAT(Running(0), IsEmpty());
  EXPECT_THAT(Running(2), IsEmpty());
}

TEST_F(DockerContainerWatch, AnOutOfMemoryKillIsShownForAnHour) {
  auto exit = Exit(137, "no");
  exit.oom_killed = true;
  exit.finished_at = now_ + seconds(59);
  const auto facts = Tick("exited", "Exited (137) 1 second ago", exit);
  ASSERT_THAT(Names(facts), ElementsAre("container_oom_killed"));
  EXPECT_EQ(facts[0].since, *exit.finished_at);
  for (int minute = 1; minute < 60; ++minute) Tick("exited", "Exited (137) a while ago", exit);
  EXPECT_THAT(Tick("exited", "Exited (137) an hour ago", exit), IsEmpty());
}

TEST_F(DockerContainerWatch, AnOutOfMemoryKillBetweenTheTicksIsKnownFromTheEvents) {
  const auto facts =
      Tick("running", "Up 3 hours", {}, {{Event::Kind::kOom, kId, now_ + seconds(5), 0}});
  EXPECT_THAT(Names(facts), ElementsAre("container_oom_killed"));
}

TEST_F(DockerContainerWatch, AStopByHandIsNotDownButAKillIs) {
  const auto at = now_ + seconds(30);
  EXPECT_THAT(Tick("exited", "Exited (137) 3 seconds ago", Exit(137, "always"),
                   {{Event::Kind::kKill, kId, at, 15},
                    {Event::Kind::kKill, kId, at, 9},
                    {Event::Kind::kDie, kId, at, 0},
                    {Event::Kind::kStop, kId, at, 0}}),
              IsEmpty());
  EXPECT_THAT(Tick("running", "Up 1 second", {}, {{Event::Kind::kStart, kId, at, 0}}), IsEmpty());
  EXPECT_THAT(Names(Tick("exited", "Exited (137) 3 seconds ago", Exit(137, "unless-stopped"),
                         {{Event::Kind::kKill, kId, at, 9}, {Event::Kind::kDie, kId, at, 0}})),
              ElementsAre("container_down"));
}

TEST_F(DockerContainerWatch, WhatWasStoppedByHandStaysSoOverOurRestart) {
  Tick("exited", "Exited (137) 3 seconds ago", Exit(137, "always"),
       {{Event::Kind::kStop, kId, now_, 0}});
  ContainerWatch restarted{WatchOptions{}};
  ASSERT_TRUE(restarted.Restore(watch_.Snapshot()));
  restarted.Begin({{kId, "db", "postgres:16", "exited", "Exited (137) 2 minutes ago"}}, now_);
  for (const auto& id : restarted.ToInspect(50, false))
    restarted.Inspected(id, Exit(137, "always"));
  EXPECT_THAT(restarted.Judge(), IsEmpty());
}

TEST_F(DockerContainerWatch, AFactKeepsItsBeginningOverOurRestart) {
  const auto since = Tick("exited", "Exited (1) 1 second ago", Exit(1, "always"))[0].since;
  ContainerWatch restarted{WatchOptions{}};
  ASSERT_TRUE(restarted.Restore(watch_.Snapshot()));
  EXPECT_EQ(restarted.Snapshot(), watch_.Snapshot());
  restarted.Begin({{kId, "db", "postgres:16", "exited", "Exited (1) 9 minutes ago"}},
                  now_ + minutes(9));
  for (const auto& id : restarted.ToInspect(50, false)) restarted.Inspected(id, Exit(1, "always"));
  EXPECT_EQ(restarted.Judge()[0].since, since);
}

TEST_F(DockerContainerWatch, EveryContainerGetsItsTurnWithinTheLimit) {
  std::vector<Container> containers;
  for (int i = 10; i < 15; ++i)
    containers.push_back({"0123456789" + std::to_string(i), "c" + std::to_string(i), "image",
                          "exited", "Exited (1) 2 days ago"});
  std::set<std::string> seen;
  for (int tick = 0; tick < 3; ++tick) {
    watch_.Begin(containers, now_);
    const auto ids = watch_.ToInspect(2, false);
    EXPECT_EQ(ids.size(), 2u);
    EXPECT_EQ(watch_.never_inspected(), tick == 0 ? 3u : tick == 1 ? 1u : 0u);
    for (const auto& id : ids) {
      watch_.Inspected(id, Exit(1, "always"));
      seen.insert(id);
    }
  }
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(watch_.Judge().size(), 5u) << "the others are judged by their last inspection";
}

TEST_F(DockerContainerWatch, TellsStateChangesWithinTheWindow) {
  Running();
  Tick("exited", "Exited (1) 1 second ago", Exit(1, "no"));
  const auto evidence = watch_.Explain({now_ - minutes(5), now_});
  ASSERT_EQ(evidence.size(), 1u);
  EXPECT_EQ(evidence[0].text, "db went from running to exited (Exited (1) 1 second ago)");
  EXPECT_EQ(evidence[0].source, "docker");
  EXPECT_THAT(watch_.Explain({now_ - minutes(5), now_ - seconds(1)}), IsEmpty());
}

TEST_F(DockerContainerWatch, EvidenceIsBounded) {
  for (int i = 0; i < 500; ++i) i % 2 ? Running() : Tick("exited", "Exited (0) 1 second ago");
  EXPECT_EQ(watch_.Explain({FromUnixMillis(0), now_}).size(), 20u);
}

TEST_F(DockerContainerWatch, RemovedContainersAreForgotten) {
  Tick("exited", "Exited (1) 1 second ago", Exit(1, "always"));
  watch_.Begin({}, now_);
  EXPECT_THAT(watch_.Judge(), IsEmpty());
  EXPECT_THAT(watch_.Snapshot(), testing::Not(HasSubstr(kId)));
}

TEST_F(DockerContainerWatch, RefusesADamagedSnapshot) {
  for (const std::string bad : {"", "[]", "{}", "{\"version\":2,\"containers\":{}}",
                                "{\"version\":1,\"containers\":[]}", "{\"version\":1"}) {
    const auto restored = watch_.Restore(bad);
    ASSERT_FALSE(restored) << bad;
    EXPECT_EQ(restored.error().kind, ErrorKind::kCorruption);
  }
  EXPECT_TRUE(watch_.Restore(
      R"({"version":1,"containers":{"a":7,"b":{"restarts":[1,[2],["x","y"]],"since":[],"oom_at":-5}}})"));
}

}  // namespace
}  // namespace aiops::docker
