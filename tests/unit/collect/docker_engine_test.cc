#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/docker/engine.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"

namespace aiops::docker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

HttpResponse Answer(std::string body, std::string api_version = "") {
  HttpResponse response{.status = 200, .body = std::move(body)};
  if (!api_version.empty()) response.headers = {{"api-version", std::move(api_version)}};
  return response;
}

HttpEndpoint Socket(const std::string& path = "/nonexistent/docker.sock") {
  return *ParseAddress(path, {});
}

std::vector<std::string> Paths(const FakeHttpClient& http) {
  std::vector<std::string> paths;
  for (const auto& sent : http.sent()) paths.push_back(sent.request.path);
  return paths;
}

TEST(DockerAddress, TakesSocketsAndProxies) {
  EXPECT_EQ(ParseAddress("/run/docker.sock", {})->unix_socket, "/run/docker.sock");
  EXPECT_EQ(ParseAddress("unix:///run/docker.sock", {})->unix_socket, "/run/docker.sock");
  EXPECT_EQ(ParseAddress("tcp://proxy:2375/", {})->base_url, "http://proxy:2375");
  EXPECT_EQ(ParseAddress("https://proxy:2376", {})->base_url, "https://proxy:2376");
  EXPECT_EQ(ParseAddress("tcp://proxy:2376", {.ca_file = "ca.pem"})->base_url,
            "https://proxy:2376");
}

TEST(DockerAddress, RefusesWhatIsNeither) {
  for (const auto bad : {"", "docker.sock", "unix://docker.sock", "tcp://", "tcp:///x", "ftp://x",
                         "tcp://:2375", "ssh://host"}) {
    const auto endpoint = ParseAddress(bad, {});
    ASSERT_FALSE(endpoint) << bad;
    EXPECT_EQ(endpoint.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(DockerVersion, SpeaksTheLowerOne) {
  EXPECT_EQ(NegotiateVersion("1.41"), "v1.41");
  EXPECT_EQ(NegotiateVersion("1.52"), "v1.47");
  EXPECT_EQ(NegotiateVersion("2.0"), "v1.47");
}

TEST(DockerVersion, LeavesItToTheEngineIfThatSaysNonsense) {
  for (const auto bad : {"", "1", "x.y", "1.4x", "1.-1", "0.9", "1.41/../..", "999999999999.1"})
    EXPECT_EQ(NegotiateVersion(bad), "") << bad;
}

TEST(DockerEngine, NegotiatesOnceAndThenLists) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    return request.path == "/_ping" ? Answer("OK", "1.41") : Answer("[]");
  });
  Engine engine(Socket(), http, clock);
  ASSERT_TRUE(engine.List(10, clock.Now() + seconds(10), {}));
  ASSERT_TRUE(engine.List(10, clock.Now() + seconds(10), {}));
  EXPECT_THAT(Paths(http),
              ElementsAre("/_ping", "/v1.41/containers/json", "/v1.41/containers/json"));
  EXPECT_FALSE(engine.is_podman());
}

TEST(DockerEngine, AsksForTheVersionWhereAProxyRefusesPing) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    if (request.path == "/_ping") return HttpResponse{.status = 403};
    return request.path == "/version" ? Answer(R"({"ApiVersion":"1.50"})") : Answer("[]");
  });
  Engine engine(Socket(), http, clock);
  ASSERT_TRUE(engine.List(10, clock.Now() + seconds(10), {}));
  EXPECT_THAT(Paths(http), ElementsAre("/_ping", "/version", "/v1.47/containers/json"));
}

TEST(DockerEngine, NegotiatesAgainAfterAnError) {
  ManualClock clock;
  std::string offered = "1.41";
  FakeHttpClient http([&](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    if (request.path == "/_ping") return Answer("OK", offered);
    if (request.path == "/v1.41/containers/json" && offered != "1.41")
      return HttpResponse{.status = 400, .body = R"({"message":"client version 1.41 is too old"})"};
    return Answer("[]");
  });
  Engine engine(Socket(), http, clock);
  const auto deadline = clock.Now() + seconds(10);
  ASSERT_TRUE(engine.List(10, deadline, {}));
  offered = "1.52";
  const auto refused = engine.List(10, deadline, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("too old"));
  EXPECT_TRUE(engine.List(10, deadline, {}));
}

TEST(DockerEngine, RecognisesPodman) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
    auto answer = Answer("[]", "1.41");
    answer.headers.emplace_back("libpod-api-version", "4.3.1");
    return answer;
  });
  Engine engine(Socket(), http, clock);
  ASSERT_TRUE(engine.List(10, clock.Now() + seconds(10), {}));
  EXPECT_TRUE(engine.is_podman());
}

TEST(DockerEngine, PodmanIsAskedForAllEventsUpToNowAndNoDeaths) {
  ManualClock clock;
  const auto query = [&clock](bool podman) {
    FakeHttpClient http([podman](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
      auto answer = Answer("[]", "1.41");
      if (podman) answer.headers.emplace_back("libpod-api-version", "4.3.1");
      return answer;
    });
    Engine engine(Socket(), http, clock);
    const auto now = clock.Now();
    EXPECT_TRUE(engine.List(10, now + seconds(10), {}));
    EXPECT_TRUE(engine.Events(now - minutes(1), now, now + seconds(10), {}));
    return http.sent().back().request.query;
  };
  EXPECT_THAT(query(true), AllOf(HasSubstr("&stream=false"), Not(HasSubstr("until=")),
                                 Not(HasSubstr("%22die%22"))));
  EXPECT_THAT(query(false),
              AllOf(Not(HasSubstr("stream=")), HasSubstr("&until="), HasSubstr("%22die%22")));
}

TEST(DockerEngine, AMissingSocketIsNamedWithWhatToDo) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
    return Unavailable("no such file or directory");
  });
  Engine engine(Socket("/nonexistent/docker.sock"), http, clock);
  const auto list = engine.List(10, clock.Now() + seconds(10), {});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(list.error().message, HasSubstr("/nonexistent/docker.sock"));
  EXPECT_THAT(list.error().message, HasSubstr("collect.docker.socket"));
}

TEST(DockerEngine, GivesEveryRequestTheTimeThatIsLeft) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    return request.path == "/_ping" ? Answer("OK", "1.41") : Answer("[]");
  });
  Engine engine(Socket(), http, clock);
  ASSERT_TRUE(engine.List(10, clock.Now() + seconds(3), {}));
  ASSERT_TRUE(engine.List(10, clock.Now() - seconds(3), {}));
  EXPECT_EQ(http.sent()[1].request.timeout, seconds(3));
  EXPECT_EQ(http.sent()[2].request.timeout, milliseconds(100));
}

TEST(DockerEngine, NeverDoesAnythingButGet) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
    return Answer("[]", "1.41");
  });
  Engine engine(Socket(), http, clock);
  const auto deadline = clock.Now() + seconds(3);
  (void)engine.List(10, deadline, {});
  (void)engine.Inspect({"0123456789ab"}, deadline, {});
  (void)engine.Events(clock.Now() - minutes(1), clock.Now(), deadline, {});
  ASSERT_EQ(http.sent().size(), 4u);
  for (const auto& sent : http.sent()) {
    EXPECT_EQ(sent.request.method, "GET");
    EXPECT_TRUE(sent.request.body.empty());
  }
  EXPECT_THAT(http.sent()[3].request.query, HasSubstr("since=1699999940.000&until=1700000000.000"));
}

TEST(DockerEngine, StreamsTheLogOfAContainer) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    return request.path == "/_ping" ? Answer("OK", "1.41") : Answer("the log");
  });
  Engine engine(Socket(), http, clock);
  std::string got;
  const auto take = [&](std::string_view data) {
    got += data;
    return true;
  };
  const auto deadline = clock.Now() + seconds(10);
  ASSERT_TRUE(engine.Logs({"abc", 1'700'000'000'000'000'042, 0}, take, deadline, {}));
  ASSERT_TRUE(engine.Logs({"abc", 0, 100}, take, deadline, {}));
  EXPECT_EQ(got, "the logthe log");
  EXPECT_THAT(Paths(http),
              ElementsAre("/_ping", "/v1.41/containers/abc/logs", "/v1.41/containers/abc/logs"));
  const std::string always = "stdout=1&stderr=0&timestamps=1&follow=0";
  EXPECT_EQ(http.sent()[1].request.query, always + "&since=1700000000.000000042");
  EXPECT_EQ(http.sent()[2].request.query, always + "&tail=100");
}

TEST(DockerEngine, QuotesWhyALogCannotBeRead) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest& request) -> Result<HttpResponse> {
    if (request.path == "/_ping") return Answer("OK", "1.41");
    return HttpResponse{.status = 501, .body = R"({"message":"the driver does not support it"})"};
  });
  Engine engine(Socket(), http, clock);
  const auto refused = engine.Logs({"abc", 0, 0}, [](std::string_view) { return true; },
                                   clock.Now() + seconds(10), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("the driver does not support it"));
}

TEST(DockerEngine, AdviceNamesTheKeyOfWhoAsks) {
  ManualClock clock;
  FakeHttpClient http([](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
    return Unavailable("no such file or directory");
  });
  Engine engine(Socket(), http, clock, "collect.nginx.engine.socket");
  EXPECT_THAT(engine.List(10, clock.Now() + seconds(10), {}).error().message,
              HasSubstr("set collect.nginx.engine.socket"));
}

}  // namespace
}  // namespace aiops::docker
