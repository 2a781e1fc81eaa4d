#include <gtest/gtest.h>

#include "collect/docker/rules.h"

namespace aiops::docker {
namespace {

Container Exited() { return {"id", "name", "image", "exited", "Exited (1) 2 minutes ago"}; }

Memory Ended(int exit_code, const char* policy) {
  Memory memory;
  memory.inspection.emplace();
  memory.inspection->state = "exited";
  memory.inspection->exit_code = exit_code;
  memory.inspection->restart_policy = policy;
  return memory;
}

TEST(DockerRules, AnErrorIsDownOnlyIfThePolicyWantsItUp) {
  for (const auto policy : {"always", "unless-stopped", "on-failure"})
    EXPECT_TRUE(IsDown(Exited(), Ended(1, policy))) << policy;
  for (const auto policy : {"no", "", "sometimes"})
    EXPECT_FALSE(IsDown(Exited(), Ended(1, policy))) << policy;
}

TEST(DockerRules, EndingWellIsNotDown) { EXPECT_FALSE(IsDown(Exited(), Ended(0, "always"))); }

TEST(DockerRules, DeadIsDownWhateverThePolicy) {
  EXPECT_TRUE(IsDown({"id", "name", "image", "dead", "Dead"}, Memory{}));
}

TEST(DockerRules, StoppedByHandIsNotDown) {
  auto memory = Ended(137, "always");
  EXPECT_TRUE(IsDown(Exited(), memory));
  memory.stopped_on_purpose = true;
  EXPECT_FALSE(IsDown(Exited(), memory));
  EXPECT_FALSE(IsDown(Exited(), Ended(143, "always")));
}

TEST(DockerRules, AKillUnderUnlessStoppedIsDownOnlyIfItWasNotAStop) {
  auto memory = Ended(137, "unless-stopped");
  EXPECT_FALSE(IsDown(Exited(), memory));
  memory.died_unasked = true;
  EXPECT_TRUE(IsDown(Exited(), memory));
  memory = Ended(137, "unless-stopped");
  memory.inspection->oom_killed = true;
  EXPECT_TRUE(IsDown(Exited(), memory));
  memory = Ended(137, "unless-stopped");
  memory.inspection->error = "mount gone";
  EXPECT_TRUE(IsDown(Exited(), memory));
}

TEST(DockerRules, PodmanLeavesOnlyDownWhatItWasToldToStop) {
  for (const auto policy : {"always", "unless-stopped", "on-failure"}) {
    const auto ended = [policy](int exit_code, int restarts) {
      auto memory = Ended(exit_code, policy);
      memory.inspection->podman = true;
      memory.inspection->restart_count = restarts;
      return memory;
    };
    EXPECT_FALSE(IsDown(Exited(), ended(3, 0))) << policy;
    EXPECT_TRUE(IsDown(Exited(), ended(3, 1))) << policy << ": it gave up, or could not";
    auto killed = ended(137, 1);
    EXPECT_FALSE(IsDown(Exited(), killed)) << policy;
    killed.inspection->oom_killed = true;
    EXPECT_TRUE(IsDown(Exited(), killed)) << policy;
  }
}

TEST(DockerRules, WithoutAnInspectionNothingIsGuessed) { EXPECT_FALSE(IsDown(Exited(), Memory{})); }

TEST(DockerRules, WhatIsPlainlyFineIsNotInspected) {
  const auto needs = [](const char* state, const char* status, bool podman = false) {
    return NeedsInspection({"id", "name", "image", state, status}, minutes(10), podman);
  };
  EXPECT_FALSE(needs("running", "Up 3 hours"));
  EXPECT_FALSE(needs("running", "Up About an hour (healthy)"));
  EXPECT_FALSE(needs("running", "Up 11 minutes"));
  EXPECT_FALSE(needs("exited", "Exited (0) 2 days ago"));
  EXPECT_FALSE(needs("created", "Created"));
  EXPECT_TRUE(needs("running", "Up 3 hours (unhealthy)"));
  EXPECT_TRUE(needs("running", "Up 10 minutes"));
  EXPECT_TRUE(needs("running", "Up 4 seconds"));
  EXPECT_TRUE(needs("running", "Up Less than a second"));
  EXPECT_TRUE(needs("running", ""));
  EXPECT_TRUE(needs("running", "Up 3 hours", true)) << "Podman's list does not tell health";
  EXPECT_TRUE(needs("restarting", "Restarting (1) 5 seconds ago"));
  EXPECT_TRUE(needs("exited", "Exited (137) 2 days ago"));
  EXPECT_TRUE(needs("dead", "Dead"));
}

}  // namespace
}  // namespace aiops::docker
