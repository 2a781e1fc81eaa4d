// What is refused before it is sent, and that no error ever tells a secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/http_server.h"
#include "net/http_client.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Reply = HttpServer::Reply;

constexpr const char* kSecret = "s3cr3t";

HttpEndpoint EndpointFullOfSecrets(const std::string& authority) {
  return {.base_url = "http://user:s3cr3t@" + authority,
          .basic_user = "user",
          .basic_password = Secret(kSecret),
          .headers = {{"X-Api-Key", Secret(kSecret)}},
          .secret_path = Secret("/s3cr3t")};
}

HttpRequest RequestFullOfSecrets(const std::string& path) {
  return {.method = "POST",
          .path = path,
          .query = "token=s3cr3t",
          .body = "token=s3cr3t",
          .headers = {{"X-Other-Key", kSecret}},
          .timeout = milliseconds(100),
          .max_body_bytes = 100};
}

TEST(HttpErrors, NeverTellASecret) {
  HttpServer server([](const HttpServer::Request& request) {
    if (request.path.ends_with("/close")) return Reply::Close();
    if (request.path.ends_with("/hang")) return Reply::Hang();
    if (request.path.ends_with("/raw")) return Reply::Raw("nonsense s3cr3t\r\n\r\n");
    if (request.path.ends_with("/half")) return Reply{.body = "0123", .send_bytes = 2};
    return Reply{.body = std::string(101, 'x')};
  });
  const auto client = MakeHttpClient();
  const auto authority = "127.0.0.1:" + std::to_string(server.port());
  std::vector<Error> errors;
  const auto expect_error = [&](const HttpEndpoint& endpoint, const std::string& path) {
    const auto result = client->Send(endpoint, RequestFullOfSecrets(path), {});
    ASSERT_FALSE(result) << path;
    EXPECT_THAT(result.error().message, Not(HasSubstr(kSecret))) << path;
    EXPECT_THAT(result.error().message, HasSubstr("POST http")) << path;
  };
  for (const char* path : {"/close", "/hang", "/raw", "/half", "/long", "/bad path", "/a\r\nb"})
    expect_error(EndpointFullOfSecrets(authority), path);
  expect_error(EndpointFullOfSecrets("127.0.0.1:1"), "/refused");
  expect_error(EndpointFullOfSecrets("name.invalid"), "/unknown");
  expect_error(EndpointFullOfSecrets("127.0.0.1:99999999"), "/port");
  auto bad_header = EndpointFullOfSecrets(authority);
  bad_header.headers = {{"X-Key", Secret("s3cr3t\r\nX-Injected: 1")}};
  expect_error(bad_header, "/header");
  auto bad_path = EndpointFullOfSecrets(authority);
  bad_path.secret_path = Secret("/s3cr3t\n");
  expect_error(bad_path, "/path");
  auto tls = EndpointFullOfSecrets(authority);
  tls.base_url.replace(0, 4, "https");
  expect_error(tls, "/tls");
}

TEST(HttpErrors, ConnectionRefusedIsUnavailableInPlainWords) {
  std::string url;
  {
    HttpServer gone([](const HttpServer::Request&) { return Reply{}; });
    url = gone.url();
  }
  const auto result = MakeHttpClient()->Send({.base_url = url}, {.path = "/x", .query = "q"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(result.error().message, "GET " + url + "/x: connection refused");
}

TEST(HttpErrors, AbsentSocketIsNamed) {
  const auto result =
      MakeHttpClient()->Send({.unix_socket = "/nonexistent/docker.sock"}, {.path = "/_ping"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(result.error().message,
            "GET http://localhost/_ping on /nonexistent/docker.sock: no such file or directory");
}

TEST(HttpErrors, UnknownHostIsUnavailable) {
  const auto result =
      MakeHttpClient()->Send({.base_url = "http://name.invalid"}, {.path = "/"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
}

TEST(HttpErrors, TlsToAPlainServerIsUnavailable) {
  HttpServer server([](const HttpServer::Request&) { return Reply{}; });
  const HttpEndpoint endpoint{.base_url = "https://127.0.0.1:" + std::to_string(server.port())};
  const auto result =
      MakeHttpClient()->Send(endpoint, {.path = "/", .timeout = milliseconds(500)}, {});
  ASSERT_FALSE(result);
  EXPECT_TRUE(Retryable(result.error().kind)) << result.error().message;
}

TEST(HttpErrors, AbsentCaFileIsAConfigurationError) {
  const HttpEndpoint endpoint{.base_url = "https://127.0.0.1:1",
                              .tls = {.ca_file = "/nonexistent/ca.pem"}};
  HttpServer server([](const HttpServer::Request&) { return Reply{}; });
  auto reachable = endpoint;
  reachable.base_url = "https://127.0.0.1:" + std::to_string(server.port());
  const auto result =
      MakeHttpClient()->Send(reachable, {.path = "/", .timeout = milliseconds(500)}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument) << result.error().message;
}

struct Refused {
  const char* why;
  HttpEndpoint endpoint;
  HttpRequest request;
};

class HttpRefusal : public ::testing::TestWithParam<Refused> {};

TEST_P(HttpRefusal, IsInvalidArgumentAndSendsNothing) {
  HttpServer server([](const HttpServer::Request&) { return Reply{}; });
  auto endpoint = GetParam().endpoint;
  if (endpoint.base_url.empty()) endpoint.base_url = server.url();
  const auto result = MakeHttpClient()->Send(endpoint, GetParam().request, {});
  ASSERT_FALSE(result) << GetParam().why;
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument) << result.error().message;
  EXPECT_EQ(server.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, HttpRefusal,
    ::testing::Values(
        Refused{"CRLF in a path", {}, {.path = "/a\r\nHost: b"}},
        Refused{"space in a path", {}, {.path = "/a b"}},
        Refused{"query in a path", {}, {.path = "/a?b"}},
        Refused{"path without a slash", {}, {.path = "a"}},
        Refused{"CRLF in a query", {}, {.path = "/", .query = "a\r\nb"}},
        Refused{"fragment in a query", {}, {.path = "/", .query = "a#b"}},
        Refused{"CRLF in a header", {}, {.path = "/", .headers = {{"A", "b\r\nC: d"}}}},
        Refused{"NUL in a header", {}, {.path = "/", .headers = {{"A", std::string("b\0c", 3)}}}},
        Refused{"colon in a header's name", {}, {.path = "/", .headers = {{"A:", "b"}}}},
        Refused{"header without a name", {}, {.path = "/", .headers = {{"", "b"}}}},
        Refused{"CRLF in the content type", {}, {.path = "/", .body = "x", .content_type = "a\nb"}},
        Refused{"CRLF in a method", {}, {.method = "GET /\r\n", .path = "/"}},
        Refused{"CRLF in a token", {.bearer_token = Secret("a\r\nB: c")}, {.path = "/"}},
        Refused{
            "CRLF in an endpoint's header", {.headers = {{"A", Secret("\r\n")}}}, {.path = "/"}},
        Refused{"another scheme", {.base_url = "file:///etc/passwd"}, {.path = "/"}},
        Refused{"no scheme", {.base_url = "localhost:9090"}, {.path = "/"}},
        Refused{"no host", {.base_url = "http://"}, {.path = "/"}},
        Refused{"query in the base", {.base_url = "http://127.0.0.1:1/?a="}, {.path = "/"}},
        Refused{"CRLF in the base", {.base_url = "http://127.0.0.1:1/\r\n"}, {.path = "/"}}),
    [](const auto& tested) {
      std::string name = tested.param.why;
      std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
      return name;
    });

}  // namespace
}  // namespace aiops
