#include "web/tls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "net/http_client.h"
#include "raw_http.h"
#include "tls_server.h"
#include "web/web_settings.h"

namespace aiops {
namespace {

using TlsTest = TlsServerTest;

TEST_F(TlsTest, ServesManyClientsAtOnce) {
  auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE((*server)->tls());
  const auto http = MakeHttpClient();
  HttpEndpoint endpoint;
  endpoint.base_url = "https://127.0.0.1:" + std::to_string((*server)->port());
  endpoint.tls.insecure_skip_verify = true;
  std::atomic<int> good{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 10; ++k) {
        HttpRequest request;
        request.path = "/metrics";
        const auto answer = http->Send(endpoint, request, {});
        if (answer && answer->status == 200) ++good;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(good, 40);
}

TEST_F(TlsTest, RefusesWrongKeysBeforeItStarts) {
  WriteCertificate(folder_ + "/b.crt", folder_ + "/a.key");
  const auto server = Open();
  ASSERT_FALSE(server);
  for (const char* word : {"tls_server_config.key_file", "a.key does not belong to", "a.crt"}) {
    EXPECT_NE(server.error().message.find(word), std::string::npos) << server.error().message;
  }
  std::ofstream(folder_ + "/a.key") << "garbage";
  EXPECT_NE(Open().error().message.find("tls_server_config.key_file " + folder_ + "/a.key: "),
            std::string::npos);
  std::filesystem::remove(folder_ + "/a.crt");
  EXPECT_NE(Open().error().message.find("tls_server_config.cert_file"), std::string::npos);
}

TEST_F(TlsTest, IsCheckedWithoutListening) {
  EXPECT_TRUE(CheckWebOptions(options_));
  std::filesystem::remove(folder_ + "/a.key");
  const auto without_key = CheckWebOptions(options_);
  ASSERT_FALSE(without_key);
  EXPECT_NE(without_key.error().message.find("tls_server_config.key_file"), std::string::npos);
  options_.config_file = folder_ + "/none.yml";
  EXPECT_NE(CheckWebOptions(options_).error().message.find("web.config_file"), std::string::npos);
  options_.config_file = "";
  EXPECT_TRUE(CheckWebOptions(options_));
  options_.listen_address = "nowhere:8100";
  EXPECT_NE(CheckWebOptions(options_).error().message.find("web.listen_address"),
            std::string::npos);
}

TEST_F(TlsTest, TellsThoseWhoSpeakPlainHttp) {
  auto server = Open();
  ASSERT_TRUE(server);
  const RawAnswer answer = Ask((*server)->port(), "GET", "/health");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("https://"), std::string::npos);
}

TEST_F(TlsTest, TakesARenewedCertificateAndKeepsTheOldOneForABrokenOne) {
  auto live = LiveWebSettings::Open(options_.config_file, clock_);
  ASSERT_TRUE(live);
  const auto first = (*live)->Current()->tls;
  const auto look = [&] {
    clock_.Advance(seconds(1));
    return (*live)->Current()->tls;
  };
  EXPECT_EQ(look(), first);
  WriteCertificate(folder_ + "/a.crt", folder_ + "/b.key");
  EXPECT_EQ(look(), first);  // its key is still to come
  std::filesystem::rename(folder_ + "/b.key", folder_ + "/a.key");
  EXPECT_EQ((*live)->Current()->tls, first);  // not looked at twice within a second
  const auto renewed = look();
  EXPECT_NE(renewed, first);
  EXPECT_EQ(look(), renewed);
  std::ofstream(options_.config_file) << "basic_auth_users: {}\n";
  EXPECT_EQ(look(), renewed);  // TLS is not switched off
}

TEST_F(TlsTest, TakesChangedUsers) {
  const std::string hash = "$2a$04$......................gGGfYqDzMGrYe/TJiZM2.1dSjaMqZRq";
  std::ofstream(options_.config_file) << "http_server_config: {}\n";
  auto live = LiveWebSettings::Open(options_.config_file, clock_);
  ASSERT_TRUE(live);
  EXPECT_EQ((*live)->Current()->auth, nullptr);
  std::ofstream(options_.config_file) << "basic_auth_users: {ann: '" << hash << "'}\n";
  clock_.Advance(seconds(1));
  const auto users = (*live)->Current()->auth;
  ASSERT_NE(users, nullptr);
  ASSERT_TRUE((*live)->Reload());
  EXPECT_EQ((*live)->Current()->auth, users);  // the same users keep what is remembered
  std::ofstream(options_.config_file) << "basic_auth_users: {ann: 'plain'}\n";
  EXPECT_FALSE((*live)->Reload());
  EXPECT_EQ((*live)->Current()->auth, users);
}

}  // namespace
}  // namespace aiops
