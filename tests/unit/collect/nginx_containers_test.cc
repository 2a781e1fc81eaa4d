// The log collector on the logs of containers: every line once, whatever happens to engine,
// container and daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collect/nginx/container_log.h"
#include "unit/collect/nginx_harness.h"
#include "unit/collect/nginx_log_engine.h"

namespace aiops {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kOnlyContainers = "logs: []\ncontainers: [web]";

class NginxContainers : public testing::Test {
 protected:
  explicit NginxContainers(const std::string& options = kOnlyContainers)
      : harness(seconds(60), options) {
    harness.engine = [this](const HttpEndpoint&, const HttpRequest& request) {
      if (request.on_data == nullptr) return engine(request);
      auto answer = engine(request);
      // In pieces, as from a socket.
      std::string body = answer ? std::exchange(answer->body, "") : "";
      for (size_t at = 0; at < body.size(); at += 4099) {
        if (!request.on_data(std::string_view(body).substr(at, 4099)))
          return Result<HttpResponse>(Cancelled("its receiver stopped it"));
      }
      return answer;
    };
  }

  std::int64_t Now() const { return UnixMillis(harness.clock.Now()) * 1'000'000; }
  // A request now; of those in a row each a nanosecond later.
  void Write(FakeLogEngine::Log& log, int count = 1, int status = 200) {
    for (int i = 0; i < count; ++i) WriteAt(log, Now() + i, status);
  }
  void WriteAt(FakeLogEngine::Log& log, std::int64_t ns, int status = 200) {
    log.entries.push_back({ns, AccessLine(harness.clock.Now(), status)});
  }
  // Polls now, whatever was polled before.
  void Poll() {
    harness.clock.Advance(seconds(2));
    harness.Read();
  }
  Time NextTick() { return tick_ += minutes(1); }
  Collected Tick() {
    auto collected = harness.Tick(NextTick());
    if (collected) return *std::move(collected);
    ADD_FAILURE() << collected.error().message;
    return {};
  }
  // The first tick tells nothing of before; then the clock stands at 5 s of the next minute.
  void Begin() {
    engine.Of("a");
    Tick();
  }

  FakeLogEngine engine;
  NginxHarness harness;
  Time tick_ = FromUnixMillis(1'700'000'040'000);
};

TEST_F(NginxContainers, AreCountedAsFilesAre) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 6);
  Write(log, 2, 503);
  log.entries.push_back({Now(), "no request\n"});
  log.entries.push_back({Now(), "an error\n", 2});
  harness.clock.Advance(seconds(20));
  Write(log, 4);
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 12);
  EXPECT_DOUBLE_EQ(NginxHarness::ByName(told.readings).at("error_rate_5xx"), 2.0 / 12);
  EXPECT_EQ(Counter(told, "lines_read"), 13);
  EXPECT_EQ(Counter(told, "lines_malformed", "bad_format"), 1);
  EXPECT_EQ(Counter(told, "container_reads_failed"), 0);
  EXPECT_THAT(told.notes, IsEmpty());
  EXPECT_FALSE(told.partial);
}

TEST_F(NginxContainers, LinesWithOneTimeAreCountedOnceThoughAPollFellBetweenThem) {
  Begin();
  auto& log = engine.Of("a");
  const auto at = Now();
  for (int i = 0; i < 5; ++i) {
    WriteAt(log, at);  // all lines are the same, too
    WriteAt(log, at);
    Poll();
  }
  EXPECT_EQ(Requests(Tick()), 10);
}

TEST_F(NginxContainers, AnEngineThatTellsWholeSecondsLosesAndRepeatsNothing) {
  engine.podman = true;
  Begin();
  auto& log = engine.Of("a");
  int written = 0;
  for (int i = 0; i < 15; ++i) {
    Write(log, 1 + i % 3);
    written += 1 + i % 3;
    Poll();
  }
  EXPECT_EQ(Requests(Tick()), written);
}

TEST_F(NginxContainers, ARestartRepeatsTheTickOrGoesOnBehindIt) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 3);
  Collected told = Tick();
  EXPECT_EQ(Requests(told), 3);
  for (int round = 0; round < 5; ++round) {
    Write(log, 4);
    Poll();
    harness.Start(told.checkpoint);  // killed before the commit: what was polled is read again
    Poll();
    told = Tick();
    EXPECT_EQ(Requests(told), 4) << round;
    harness.Start(told.checkpoint);  // and after it
  }
}

TEST_F(NginxContainers, WhatCameDuringADowntimeIsReadAfterIt) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 3);
  const auto checkpoint = Tick().checkpoint;
  for (int minute = 0; minute < 5; ++minute) {
    harness.clock.Advance(minutes(1));
    Write(log, 7);
  }
  tick_ += minutes(5);
  harness.Start(checkpoint);
  const Collected told = Tick();
  double requests = Requests(told);
  for (const auto& past : told.past)
    requests += NginxHarness::ByName(past.readings).at("request_rate") * 60;
  EXPECT_EQ(requests, 35);
}

TEST_F(NginxContainers, AContainerThatIsMadeAnewIsReadFromItsBeginning) {
  Begin();
  auto checkpoint = Tick().checkpoint;
  Write(engine.Of("a"), 3);
  Poll();
  engine.Remove("a");
  Write(engine.Of("b"), 4);
  Poll();
  Write(engine.Of("b"), 2);
  Collected told = Tick();
  EXPECT_EQ(Requests(told), 9);
  EXPECT_THAT(told.notes, IsEmpty());

  // While the daemon was stopped.
  Write(engine.Of("b"), 1);
  engine.Remove("b");
  harness.clock.Advance(seconds(30));
  Write(engine.Of("c"), 5);
  harness.Start(told.checkpoint);
  EXPECT_EQ(Requests(Tick()), 5);
}

TEST_F(NginxContainers, OneThatIsRestartedGoesOn) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 3);
  Poll();
  log.state = "exited";
  Write(log, 2);  // its last words
  harness.clock.Advance(seconds(11));
  harness.Read();
  log.state = "running";
  Write(log, 4);
  EXPECT_EQ(Requests(Tick()), 9);
}

TEST_F(NginxContainers, ManyLinesBetweenTwoPollsAreAllFound) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 10);
  Poll();
  Write(log, 30'000);
  Poll();
  Write(log, 3);
  EXPECT_EQ(Requests(Tick()), 30'013);
  EXPECT_THAT(engine.queries, Contains(HasSubstr("&tail=100")));
  EXPECT_THAT(engine.queries, Contains(HasSubstr("&tail=1600")));
  EXPECT_THAT(engine.queries, Contains(Not(HasSubstr("tail="))));
}

// Of a tail it cannot be told which of several equal lines it begins with.
TEST_F(NginxContainers, ATailThatBeginsAmongTheLinesOfTheMarkIsNotTrusted) {
  engine.podman = true;
  Begin();
  auto& log = engine.Of("a");
  Write(log, 2);
  harness.clock.Advance(seconds(2));
  const auto at = Now();
  for (int i = 0; i < 50; ++i) WriteAt(log, at);
  harness.Read();
  for (int i = 0; i < 150; ++i) WriteAt(log, at);
  EXPECT_EQ(Requests(Tick()), 202);
}

TEST_F(NginxContainers, ALongLogIsNotReadFromItsBeginningAtEveryPoll) {
  for (int i = 0; i < 5000; ++i) WriteAt(engine.Of("a"), Now() - (10'000 - i) * kNanos);
  Begin();
  engine.queries.clear();
  for (int i = 0; i < 5; ++i) Poll();
  EXPECT_THAT(engine.queries, Contains(HasSubstr("tail=100")).Times(5));
  Write(engine.Of("a"), 3);
  EXPECT_EQ(Requests(Tick()), 3);
}

TEST_F(NginxContainers, WhatTheEngineThrewAwayIsCountedAsLost) {
  Begin();
  auto& log = engine.Of("a");
  Write(log, 5);
  Poll();
  log.entries.clear();
  Write(log, 4);
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 9);
  EXPECT_EQ(Counter(told, "container_logs_lost"), 1);
}

TEST_F(NginxContainers, AnEngineWhoseClockIsSetBackRepeatsNothing) {
  engine.old_fashioned = true;
  Begin();
  auto& log = engine.Of("a");
  Write(log, 5);
  Poll();
  const auto ahead = Now();
  WriteAt(log, ahead + 40 * kNanos);
  Poll();
  WriteAt(log, ahead + 1 * kNanos);  // 39 s back
  Poll();
  WriteAt(log, ahead + 2 * kNanos);
  Poll();
  EXPECT_EQ(Requests(Tick()), 8);
}

TEST_F(NginxContainers, APollDoesNotReadWithoutEnd) {
  Begin();
  auto& log = engine.Of("a");
  const std::string longest =
      AccessLine(harness.clock.Now(), 200, 1, "192.0.2.1", "/" + std::string(60'000, 'x'));
  const int count = 700;  // 42 MB
  for (int i = 0; i < count; ++i) log.entries.push_back({Now() + i, longest});
  Poll();
  EXPECT_LT(engine.queries.size(), 10u);
  for (int i = 0; i < 3; ++i) Poll();
  EXPECT_EQ(Requests(Tick()), count);
}

TEST_F(NginxContainers, OneWithATtyIsReadWithoutFrames) {
  auto& log = engine.Of("a");
  log.tty = true;
  Begin();
  const std::string line = AccessLine(harness.clock.Now(), 404);
  for (int i = 0; i < 4; ++i)
    log.entries.push_back({Now() + i, line.substr(0, line.size() - 1) + "\r\n"});
  Poll();
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 4);
  EXPECT_DOUBLE_EQ(NginxHarness::ByName(told.readings).at("error_rate_4xx"), 1);
}

TEST_F(NginxContainers, AContainerThatIsNotThereIsNamedWithThoseThatAre) {
  engine.Of("b", "shop");
  engine.Of("c", "mail");
  const auto told = harness.Tick(NextTick());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(told.error().message,
            "there is no container web: start it, or name another in collect.nginx.containers "
            "(there are: mail, shop)");
}

TEST_F(NginxContainers, OneThatVanishesIsANoteForTenMinutes) {
  Begin();
  Write(engine.Of("a"), 3);
  Poll();
  engine.Remove("a");
  Collected told = Tick();
  EXPECT_EQ(Requests(told), 3);
  EXPECT_THAT(told.notes, ElementsAre(HasSubstr("there is no container web")));
  tick_ += minutes(11);
  EXPECT_FALSE(harness.Tick(NextTick()));
  tick_ += hours(25);
  Write(engine.Of("b"), 2);
  harness.clock.Set(tick_);
  told = Tick();
  EXPECT_THAT(*told.checkpoint, Not(HasSubstr("\"a000")));
}

TEST_F(NginxContainers, AnEngineThatCannotBeReachedIsNamedWithItsCure) {
  engine.fail_with = Unavailable("no such file or directory");
  harness.Start();
  const auto told = harness.Tick(NextTick());
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message, HasSubstr("collect.nginx.engine.socket"));
}

TEST_F(NginxContainers, AnEngineThatComesBackTellsWhatItMissed) {
  Begin();
  Write(engine.Of("a"), 3);
  Poll();
  engine.fail_with = Unavailable("connection refused");
  EXPECT_FALSE(harness.Tick(NextTick()));
  Write(engine.Of("a"), 4);
  engine.fail_with.reset();
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 4);
  ASSERT_EQ(told.past.size(), 1u);
  EXPECT_EQ(NginxHarness::ByName(told.past[0].readings).at("request_rate") * 60, 3);
}

TEST_F(NginxContainers, AnEngineThatHangsIsAskedRarely) {
  Begin();
  engine.fail_with = Timeout("no whole answer");
  const int before = engine.requests;
  for (int i = 0; i < 30; ++i) Poll();  // a minute
  EXPECT_LE(engine.requests - before, 7);
  EXPECT_GE(engine.requests - before, 2);
  engine.fail_with.reset();
  harness.clock.Advance(minutes(1));
  Write(engine.Of("a"), 2);
  tick_ += minutes(2);
  EXPECT_EQ(Requests(Tick()), 2);
}

// A poll right before a tick ends has no time to wait: the next one asks again, at once.
TEST_F(NginxContainers, AnAnswerThatCouldNotComeInTimeIsNoFailure) {
  Begin();
  engine.fail_with = Timeout("no whole answer");
  Poll();
  engine.fail_with.reset();
  Write(engine.Of("a"), 2);
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 2);
  EXPECT_EQ(Counter(told, "container_reads_failed"), 0);
}

class NginxContainersAndFiles : public NginxContainers {
 protected:
  NginxContainersAndFiles() : NginxContainers("containers: [web, 'shop-*']") {}
};

TEST_F(NginxContainersAndFiles, AreCountedTogether) {
  engine.Of("a");
  engine.Of("b", "shop-1");
  harness.folder.Append("");
  Tick();
  harness.folder.Append(AccessLine(harness.clock.Now()));
  Write(engine.Of("a"), 2);
  Write(engine.Of("b", "shop-1"), 3);
  EXPECT_EQ(Requests(Tick()), 6);
}

TEST_F(NginxContainersAndFiles, FilesGoOnWhenTheEngineDoesNot) {
  engine.fail_with = Unavailable("no such file or directory");
  harness.folder.Append("");
  Tick();
  harness.folder.Append(AccessLine(harness.clock.Now()));
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 1);
  EXPECT_FALSE(told.partial);  // nobody misses what never was counted
  EXPECT_THAT(told.notes, ElementsAre(HasSubstr("containers cannot be read: there is no socket")));
}

TEST_F(NginxContainersAndFiles, ContainersGoOnWithoutFiles) {
  engine.Of("a");
  engine.Of("b", "shop-1");
  Tick();
  Write(engine.Of("a"), 2);
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 2);
  EXPECT_THAT(told.notes, ElementsAre(HasSubstr("no log matches")));
}

TEST_F(NginxContainersAndFiles, AnUnreadableLogIsANoteAndTheOthersGoOn) {
  harness.folder.Append("");
  auto& log = engine.Of("b", "shop-1");
  log.status = 501;
  log.refusal = R"({"message":"configured logging driver does not support reading"})";
  engine.Of("a");
  Tick();
  Write(engine.Of("a"), 2);
  const Collected told = Tick();
  EXPECT_EQ(Requests(told), 2);
  EXPECT_THAT(told.notes,
              ElementsAre(AllOf(HasSubstr("the log of the container shop-1 cannot be read"),
                                HasSubstr("does not support reading"), HasSubstr("json-file"))));
}

TEST_F(NginxContainersAndFiles, AnAnswerThatIsNoLogIsANote) {
  harness.folder.Append("");
  auto& log = engine.Of("a");
  log.refusal = "\x7f garbage";
  engine.Of("b", "shop-1");
  harness.engine = [&](const HttpEndpoint&, const HttpRequest& request) {
    auto answer = engine(request);
    if (request.on_data) request.on_data("\x7f garbage"), answer->body.clear();
    return answer;
  };
  const Collected told = Tick();
  EXPECT_THAT(told.notes, Contains(HasSubstr("no log of a container without a TTY")));
}

// Whatever order polls, kills, ticks, restarts and new containers come in, every line is once.
TEST_F(NginxContainers, EveryLineIsCountedOnceWhateverHappens) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    FakeLogEngine fresh;
    fresh.podman = seed % 3 == 0;
    fresh.old_fashioned = seed % 3 == 1;
    engine = fresh;
    harness.Start();
    harness.clock.Set(tick_);
    char id = 'a';
    engine.Of({id}).tty = seed % 2 == 0;
    auto checkpoint = Tick().checkpoint;
    double told = 0;
    int written = 0;
    std::int64_t at = 0;
    for (int step = 0; step < 200; ++step) {
      auto& log = engine.Of({id});
      switch (random() % 8) {
        case 0:
          if (harness.clock.Now() + seconds(20) < tick_ + minutes(1)) {
            harness.clock.Advance(milliseconds(random() % 20'000));
            harness.Read();
          }
          break;
        case 1:
          harness.Start(checkpoint);
          break;
        case 2: {
          const Collected collected = Tick();
          checkpoint = collected.checkpoint;
          told += Requests(collected);
          for (const auto& past : collected.past)
            told += NginxHarness::ByName(past.readings).at("request_rate") * 60;
          break;
        }
        case 3:
          log.state = log.state == "running" ? "exited" : "running";
          break;
        default: {
          const int count = static_cast<int>(random() % 4);
          for (int i = 0; i < count; ++i) {
            at = std::max(at, Now()) + random() % 2;
            WriteAt(log, at);
          }
          written += count;
        }
      }
    }
    const Collected last = Tick();
    told += Requests(last);
    for (const auto& past : last.past)
      told += NginxHarness::ByName(past.readings).at("request_rate") * 60;
    EXPECT_NEAR(told, written, 0.01) << "seed " << seed;
  }
}

}  // namespace
}  // namespace aiops
