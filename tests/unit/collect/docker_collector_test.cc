// The docker collector against answers that were recorded from a real engine
// (testdata/docker/README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "collect/collector.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"

namespace aiops {

extern const CollectorDescriptor kDockerCollector;

namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

const std::string kFolder = std::string(AIOPS_TESTDATA) + "/docker/";

std::optional<std::string> File(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Answers as the recorded engine in the folder did.
class RecordedEngine {
 public:
  explicit RecordedEngine(std::string folder) : folder_(std::move(folder)) {
    index_ = File(folder_ + "/index.txt").value_or("");
  }

  Result<HttpResponse> operator()(const HttpEndpoint&, const HttpRequest& request) {
    if (fail_with) return *fail_with;
    if (request.path == "/_ping") {
      HttpResponse pong{.status = 200, .body = "OK"};
      pong.headers = {{"api-version", "1.41"}};
      if (folder_.find("podman") != std::string::npos)
        pong.headers.emplace_back("libpod-api-version", "4.3.1");
      return pong;
    }
    if (request.path == "/v1.41/containers/json") return Body("containers.json");
    if (request.path == "/v1.41/events")
      return events_forbidden ? HttpResponse{.status = 403, .body = "forbidden"}
                              : Body("events.txt");
    const std::string prefix = "/v1.41/containers/";
    return Body("inspect-" + request.path.substr(prefix.size(), 64) + ".json");
  }

  std::optional<Error> fail_with;
  bool events_forbidden = false;

 private:
  Result<HttpResponse> Body(const std::string& name) {
    if (auto text = File(folder_ + "/" + name)) return HttpResponse{.status = 200, .body = *text};
    // Inspections are kept by name: index.txt says which id that was.
    const auto id = name.size() > 20 ? name.substr(8, 64) : name;
    const auto at = index_.find(id);
    if (at == std::string::npos) return HttpResponse{.status = 404};
    const auto begin = at + id.size() + 1;
    const auto own = index_.substr(begin, index_.find('\n', begin) - begin);
    return HttpResponse{.status = 200, .body = *File(folder_ + "/inspect-" + own + ".json")};
  }

  std::string folder_;
  std::string index_;
};

class DockerCollector : public testing::Test {
 protected:
  std::unique_ptr<Collector> Make(const std::string& yaml) {
    document_ = std::make_unique<Document>(Sources{.file = "aiops.yml", .text = yaml});
    auto section = document_->Root().Child("collect").Child("docker");
    auto collector = kDockerCollector.make(
        section, {clock_,
                  http_,
                  minutes(1),
                  {{{0, 3}, "container_count_unhealthy", {}}, {{0, 4}, "containers_running", {}}},
                  {}});
    document_->Finish();
    return collector;
  }

  std::unique_ptr<Collector> MakeDefault(const std::string& more = "") {
    return Make("collect:\n  docker:\n    socket: tcp://127.0.0.1:2375\n" + more);
  }

  Result<Collected> Collect(Collector& collector) {
    const auto now = clock_.Now();
    return collector.Collect({now - minutes(1), now, now + seconds(10)}, {});
  }

  static std::vector<std::string> Named(const Collected& collected) {
    std::vector<std::string> names;
    for (const auto& fact : collected.facts) names.push_back(fact.name + " " + fact.object);
    return names;
  }

  // Half a minute after the recording.
  ManualClock clock_{*ParseTime("2026-11-23T04:10:00Z")};
  RecordedEngine engine_{kFolder + "engine-20.10"};
  FakeHttpClient http_{
      [this](const auto& endpoint, const auto& request) { return engine_(endpoint, request); }};
  std::unique_ptr<Document> document_;
};

TEST_F(DockerCollector, JudgesARecordedEngine) {
  auto collector = MakeDefault();
  ASSERT_TRUE(collector);
  const auto collected = Collect(*collector);
  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_THAT(
      Named(*collected),
      testing::UnorderedElementsAre(
          "container_unhealthy api-unhealthy", "container_restart_loop loop-always",
          "container_restart_loop eater-up", "container_oom_killed eater-up",
          "container_oom_killed eater", "container_down onfail-gave-up", "container_down killed"));
  ASSERT_EQ(collected->readings.size(), 2u);
  // api-unhealthy, loop-always, eater-up (restarting), onfail-gave-up, killed.
  EXPECT_EQ(collected->readings[0].value, 5);
  EXPECT_EQ(collected->readings[1].value, 4);
  EXPECT_THAT(collected->notes, IsEmpty());
  EXPECT_TRUE(collected->checkpoint);
}

TEST_F(DockerCollector, JudgesARecordedPodman) {
  engine_ = RecordedEngine(kFolder + "podman-4.3");
  clock_.Set(*ParseTime("2026-11-29T17:21:20Z"));
  auto collector = MakeDefault();
  const auto collected = Collect(*collector);
  ASSERT_TRUE(collected) << collected.error().message;
  // By hand: stopped-polite ended with 7, stopped-always and killed with 137; no event tells of it.
  EXPECT_THAT(Named(*collected), testing::UnorderedElementsAre("container_unhealthy api-unhealthy",
                                                               "container_down onfail-gave-up"));
  EXPECT_THAT(
      collected->facts,
      Contains(testing::Field(&Fact::details, Contains(Pair("health_output", "feeling sick")))));
  EXPECT_EQ(collected->readings[0].value, 2);
  EXPECT_EQ(collected->readings[1].value, 4);  // and one that is paused
  EXPECT_THAT(collected->notes, IsEmpty());
}

TEST_F(DockerCollector, WithoutItsEventsSaysWhatThatCosts) {
  engine_.events_forbidden = true;
  auto collector = MakeDefault();
  const auto collected = Collect(*collector);
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->notes, Contains(HasSubstr("EVENTS=1")));
  EXPECT_THAT(Named(*collected), Contains("container_down stopped-by-hand"));
  EXPECT_THAT(Named(*collected), Not(Contains("container_down stopped-unless")));
}

TEST_F(DockerCollector, LeavesOutIgnoredContainers) {
  auto collector = MakeDefault("    ignore: ['*-unhealthy', 'loop*', eater*, killed]\n");
  const auto collected = Collect(*collector);
  ASSERT_TRUE(collected);
  EXPECT_THAT(Named(*collected), testing::ElementsAre("container_down onfail-gave-up"));
}

TEST_F(DockerCollector, GoesOnFromItsCheckpoint) {
  auto collector = MakeDefault();
  const auto before = Collect(*collector);
  auto restarted = MakeDefault();
  ASSERT_TRUE(restarted->Restore(*before->checkpoint));
  clock_.Advance(minutes(1));
  const auto after = Collect(*restarted);
  ASSERT_EQ(Named(*before), Named(*after));
  for (size_t i = 0; i < before->facts.size(); ++i)
    EXPECT_EQ(before->facts[i].since, after->facts[i].since) << before->facts[i].name;
}

TEST_F(DockerCollector, AnEngineThatDoesNotAnswerIsAnError) {
  auto collector = MakeDefault();
  engine_.fail_with = Timeout("no whole answer");
  const auto collected = Collect(*collector);
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kTimeout);
  engine_.fail_with.reset();
  EXPECT_TRUE(Collect(*collector)) << "and it recovers";
}

TEST_F(DockerCollector, StopsAtOnce) {
  auto collector = MakeDefault();
  std::stop_source stop;
  stop.request_stop();
  const auto now = clock_.Now();
  const auto collected = collector->Collect({now, now, now + seconds(10)}, stop.get_token());
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kCancelled);
}

TEST_F(DockerCollector, IsOffWithoutASocket) {
  EXPECT_FALSE(Make(""));
  EXPECT_THAT(document_->problems(), IsEmpty());
}

TEST_F(DockerCollector, RefusesASocketThatIsNone) {
  EXPECT_FALSE(Make("collect:\n  docker:\n    socket: docker.sock\n"));
  ASSERT_EQ(document_->problems().size(), 1u);
  EXPECT_EQ(document_->problems()[0].key, "collect.docker.socket");
  EXPECT_THAT(document_->problems()[0].message, HasSubstr("/var/run/docker.sock"));
}

}  // namespace
}  // namespace aiops
