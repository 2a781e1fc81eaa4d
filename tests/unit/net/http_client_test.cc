#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "fakes/http_server.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

constexpr size_t kTenMegabytes = 10u << 20;

class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<HttpResponse> Get(const HttpServer& server, HttpRequest request = {}) {
    if (request.path.empty()) request.path = "/";
    return client_->Send({.base_url = server.url()}, request, {});
  }

  std::string Write(const std::string& name, const std::string& text) {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("aiops-net-" + std::to_string(getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::unique_ptr<HttpClient> client_ = MakeHttpClient();
};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_F(HttpClientTest, AnswerHasStatusHeadersAndBody) {
  HttpServer server([](const Request&) {
    return Reply{.status = 201, .body = "made", .headers = {{"X-Kind", " one "}}};
  });
  const auto response = Get(server);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->Header("x-kind"), "one");
  EXPECT_EQ(response->Header("x-other"), "");
}

TEST_F(HttpClientTest, RequestArrivesAsAsked) {
  HttpServer server([](const Request&) { return Reply{}; });
  const HttpEndpoint endpoint{.base_url = server.url() + "/prefix/",
                              .headers = {{"X-Scope-OrgID", Secret("tenant")}}};
  const HttpRequest request{.method = "POST",
                            .path = "/api/v1/query",
                            .query = "a=b%20c",
                            .body = "query=up",
                            .content_type = "application/x-www-form-urlencoded",
                            .headers = {{"X-Empty", ""}}};
  ASSERT_TRUE(client_->Send(endpoint, request, {}));
  const auto sent = server.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.path, "/prefix/api/v1/query");
  EXPECT_EQ(sent.query, "a=b%20c");
  EXPECT_EQ(sent.body, "query=up");
  EXPECT_EQ(sent.Header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(sent.Header("x-scope-orgid"), "tenant");
  EXPECT_TRUE(sent.headers.contains("x-empty"));
  EXPECT_THAT(sent.Header("user-agent"), StartsWith("aiops_exporter/"));
}

TEST_F(HttpClientTest, AnyMethodIsSentWithAndWithoutABody) {
  HttpServer server([](const Request&) { return Reply{.body = "answer"}; });
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    ASSERT_TRUE(Get(server, {.method = method, .body = ""})) << method;
    ASSERT_TRUE(Get(server, {.method = method, .body = "x"})) << method;
    EXPECT_EQ(server.requests().back().method, method);
    EXPECT_EQ(server.requests().back().body, "x");
    EXPECT_EQ(server.requests().back().Header("content-type"), "");
  }
  const auto head = Get(server, {.method = "HEAD"});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->body, "");
}

TEST_F(HttpClientTest, LongBodyIsSentWithoutWaitingForContinue) {
  HttpServer server([](const Request&) { return Reply{}; });
  ASSERT_TRUE(Get(server, {.method = "POST", .body = std::string(3u << 20, 'x')}));
  EXPECT_EQ(server.requests().at(0).body.size(), 3u << 20);
  EXPECT_EQ(server.requests().at(0).Header("expect"), "");
}

TEST_F(HttpClientTest, ErrorStatusIsAnAnswer) {
  HttpServer server([](const Request&) { return Reply{.status = 503, .body = "later"}; });
  const auto response = Get(server);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "later");
}

TEST_F(HttpClientTest, RedirectIsNotFollowed) {
  HttpServer server([](const Request&) {
    return Reply{.status = 302, .headers = {{"Location", "/elsewhere"}}};
  });
  const auto response = Get(server);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->Header("location"), "/elsewhere");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(HttpClientTest, HeadersOfAnInterimAnswerAreForgotten) {
  HttpServer server([](const Request&) {
    return Reply::Raw(
        "HTTP/1.1 103 Early Hints\r\nx-early: 1\r\n\r\n"
        "HTTP/1.1 200 OK\r\nx-late: 1\r\ncontent-length: 2\r\n\r\nok");
  });
  const auto response = Get(server);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->Header("x-early"), "");
  EXPECT_EQ(response->Header("x-late"), "1");
}

TEST_F(HttpClientTest, UnixSocketIsSpokenTo) {
  const auto path = (folder_ / "docker.sock").string();
  HttpServer server(path, [](const Request& request) { return Reply{.body = request.path}; });
  const auto response =
      client_->Send({.base_url = "http://docker", .unix_socket = path}, {.path = "/_ping"}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "/_ping");
  EXPECT_EQ(server.requests().at(0).Header("host"), "docker");
  EXPECT_TRUE(client_->Send({.unix_socket = path}, {.path = "/_ping"}, {}));
}

TEST_F(HttpClientTest, ConnectionIsReusedAcrossCalls) {
  HttpServer server([](const Request&) { return Reply{.body = "ok"}; });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Get(server));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, ConnectionThatTheServerClosedIsReplaced) {
  HttpServer server([](const Request&) { return Reply{.body = "ok", .content_length = 2}; });
  for (int i = 0; i < 5; ++i) {
    const auto response = Get(server);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "ok");
  }
  EXPECT_EQ(server.connections(), 5);
}

TEST_F(HttpClientTest, BodyCanBeStreamed) {
  HttpServer server([](const Request&) { return Reply{.body = "one two", .chunked = true}; });
  std::string seen;
  HttpRequest request;
  request.on_data = [&](std::string_view data) {
    seen += data;
    return true;
  };
  const auto response = Get(server, request);
  ASSERT_TRUE(response);
  EXPECT_EQ(seen, "one two");
  EXPECT_EQ(response->body, "");
}

TEST_F(HttpClientTest, ReceiverCanStopAStream) {
  HttpServer server(
      [](const Request&) { return Reply{.body = std::string(1000, 'x'), .drip = seconds(5)}; });
  HttpRequest request;
  request.on_data = [](std::string_view) { return false; };
  const auto response = Get(server, request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kCancelled);
}

TEST_F(HttpClientTest, LongestAllowedBodyPassesAndALongerOneIsAnError) {
  HttpServer server([](const Request& request) {
    return Reply{.body = std::string(kTenMegabytes + (request.path == "/more" ? 1 : 0), 'x')};
  });
  const auto whole = Get(server, {.max_body_bytes = kTenMegabytes});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body.size(), kTenMegabytes);
  const auto more = Get(server, {.path = "/more", .max_body_bytes = kTenMegabytes});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(more.error().message, HasSubstr("longer than 10485760 bytes"));
}

TEST_F(HttpClientTest, EndlessHeadersAreAnError) {
  HttpServer server([](const Request&) {
    Reply reply;
    for (int i = 0; i < 100; ++i) reply.headers.emplace_back("X-Many", std::string(1000, 'h'));
    return reply;
  });
  const auto response = Get(server);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kCorruption);
}

TEST_F(HttpClientTest, HalfABodyIsAnErrorNotACutAnswer) {
  HttpServer server([](const Request& request) {
    Reply reply{.body = "0123456789", .send_bytes = 5};
    reply.chunked = request.path == "/chunked";
    return reply;
  });
  for (const char* path : {"/", "/chunked"}) {
    const auto response = Get(server, {.path = path});
    ASSERT_FALSE(response) << path;
    EXPECT_EQ(response.error().kind, ErrorKind::kUnavailable) << response.error().message;
  }
}

TEST_F(HttpClientTest, ShorterBodyThanClaimedIsAnError) {
  HttpServer server([](const Request&) { return Reply{.body = "123", .content_length = 10}; });
  const auto response = Get(server);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("cut short"));
}

TEST_F(HttpClientTest, SlowDripRunsIntoTheTimeout) {
  HttpServer server([](const Request&) {
    return Reply{.body = std::string(1000, 'x'), .drip = milliseconds(5)};
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto response = Get(server, {.timeout = milliseconds(150)});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout);
  EXPECT_THAT(response.error().message, HasSubstr("no whole answer within 150ms"));
  EXPECT_GE(SecondsSince(begin), 0.14);
  EXPECT_LT(SecondsSince(begin), 1.0);
}

TEST_F(HttpClientTest, NoTimeLeftIsATimeoutWithoutARequest) {
  HttpServer server([](const Request&) { return Reply{}; });
  const auto response = Get(server, {.timeout = milliseconds(0)});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, StopEndsAHangingRequestAtOnce) {
  HttpServer server([](const Request&) { return Reply::Hang(); });
  std::stop_source stop;
  auto pending = std::async(std::launch::async, [&] {
    return client_->Send({.base_url = server.url()}, {.path = "/"}, stop.get_token());
  });
  ASSERT_TRUE(server.AwaitRequests(1));
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  const auto response = pending.get();
  EXPECT_LT(SecondsSince(begin), 0.2);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kCancelled);
}

TEST_F(HttpClientTest, StopBeforehandSendsNothing) {
  HttpServer server([](const Request&) { return Reply{}; });
  std::stop_source stop;
  stop.request_stop();
  const auto response = client_->Send({.base_url = server.url()}, {.path = "/"}, stop.get_token());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpClientTest, OneThatHangsDoesNotTouchTheOthers) {
  HttpServer server([](const Request& request) {
    return request.path == "/3" ? Reply::Hang() : Reply{.body = request.path};
  });
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 8; ++i)
    requests.push_back({.path = "/" + std::to_string(i), .timeout = milliseconds(300)});
  const auto begin = std::chrono::steady_clock::now();
  const auto results = client_->SendAll({.base_url = server.url()}, requests, {});
  EXPECT_LT(SecondsSince(begin), 1.0);
  ASSERT_EQ(results.size(), 8u);
  for (size_t i = 0; i < 8; ++i) {
    if (i == 3) {
      ASSERT_FALSE(results[i]);
      EXPECT_EQ(results[i].error().kind, ErrorKind::kTimeout);
    } else {
      ASSERT_TRUE(results[i]) << results[i].error().message;
      EXPECT_EQ(results[i]->body, "/" + std::to_string(i));
    }
  }
}

TEST_F(HttpClientTest, OneThatCannotBeSentDoesNotTouchTheOthers) {
  HttpServer server([](const Request&) { return Reply{.body = "ok"}; });
  const std::vector<HttpRequest> requests{{.path = "/a"}, {.path = "/b\r\nX: y"}, {.path = "/c"}};
  const auto results = client_->SendAll({.base_url = server.url()}, requests, {});
  EXPECT_TRUE(results.at(0));
  EXPECT_FALSE(results.at(1));
  EXPECT_TRUE(results.at(2));
}

TEST_F(HttpClientTest, MoreRequestsThanConnectionsAllEnd) {
  HttpServer server([](const Request& request) {
    return request.path == "/hang" ? Reply::Hang() : Reply{.body = "ok"};
  });
  const std::vector<HttpRequest> quick(150, {.path = "/"});
  for (const auto& result : client_->SendAll({.base_url = server.url()}, quick, {}))
    EXPECT_TRUE(result) << result.error().message;
  const std::vector<HttpRequest> hanging(100, {.path = "/hang", .timeout = milliseconds(200)});
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& result : client_->SendAll({.base_url = server.url()}, hanging, {})) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kTimeout) << result.error().message;
  }
  EXPECT_LT(SecondsSince(begin), 2.0);
}

TEST_F(HttpClientTest, ThreadsShareOneClient) {
  HttpServer server([](const Request& request) { return Reply{.body = request.path}; });
  std::vector<std::future<int>> good;
  for (int t = 0; t < 4; ++t) {
    good.push_back(std::async(std::launch::async, [&, t] {
      int count = 0;
      for (int i = 0; i < 20; ++i) {
        const auto path = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto response = Get(server, {.path = path});
        count += response && response->body == path ? 1 : 0;
      }
      return count;
    }));
  }
  for (auto& thread : good) EXPECT_EQ(thread.get(), 20);
}

TEST_F(HttpClientTest, BearerTokenFileIsReadAgainForEveryRequest) {
  HttpServer server([](const Request&) { return Reply{}; });
  const HttpEndpoint endpoint{.base_url = server.url(),
                              .bearer_token_file = Write("token", "first\n")};
  ASSERT_TRUE(client_->Send(endpoint, {.path = "/"}, {}));
  Write("token", "second\r\n");
  ASSERT_TRUE(client_->Send(endpoint, {.path = "/"}, {}));
  EXPECT_EQ(server.requests().at(0).Header("authorization"), "Bearer first");
  EXPECT_EQ(server.requests().at(1).Header("authorization"), "Bearer second");
}

TEST_F(HttpClientTest, UnreadableTokenFileSendsNothingAndIsNamed) {
  HttpServer server([](const Request&) { return Reply{}; });
  for (const auto& file : {(folder_ / "absent").string(), folder_.string(), Write("empty", "\n")}) {
    const HttpEndpoint endpoint{.base_url = server.url(), .bearer_token_file = file};
    const auto response = client_->Send(endpoint, {.path = "/"}, {});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind, ErrorKind::kUnauthorized);
    EXPECT_THAT(response.error().message, HasSubstr(file));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, BasicAuthIsSent) {
  HttpServer server([](const Request&) { return Reply{}; });
  const HttpEndpoint endpoint{
      .base_url = server.url(), .basic_user = "Aladdin", .basic_password = Secret("open sesame")};
  ASSERT_TRUE(client_->Send(endpoint, {.path = "/"}, {}));
  EXPECT_EQ(server.requests().at(0).Header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_F(HttpClientTest, SecretPathIsRequestedButNeverShown) {
  HttpServer server([](const Request&) { return Reply::Close(); });
  const HttpEndpoint endpoint{.base_url = server.url(), .secret_path = Secret("/bot12:abc")};
  const auto response = client_->Send(endpoint, {.path = "/getMe"}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(server.requests().at(0).path, "/bot12:abc/getMe");
  EXPECT_EQ(response.error().message,
            "GET " + server.url() + "/getMe: the connection was closed without an answer");
}

TEST_F(HttpClientTest, CompressedAnswerIsDecodedAndItsDecodedSizeIsCapped) {
  // gzip of 1000 times 'a'.
  const std::string zipped(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00\x03\xda"
      "\x38\x9a\xe8\x03\x00\x00",
      29);
  HttpServer server([&](const Request& request) {
    EXPECT_THAT(request.Header("accept-encoding"), HasSubstr("gzip"));
    return Reply{.body = zipped, .headers = {{"Content-Encoding", "gzip"}}};
  });
  const auto response = Get(server);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, std::string(1000, 'a'));
  const auto capped = Get(server, {.max_body_bytes = 500});
  ASSERT_FALSE(capped);
  EXPECT_EQ(capped.error().kind, ErrorKind::kCorruption);
}

TEST_F(HttpClientTest, BytesThatAreNotHttpAreAnError) {
  HttpServer server([](const Request&) { return Reply::Raw("SSH-2.0-OpenSSH_9.2\r\n"); });
  const auto response = Get(server);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "GET " + server.url() + "/: the answer is not HTTP");
}

}  // namespace
}  // namespace aiops
