#include "web/web_config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "unit/test_folder.h"
#include "web/basic_auth.h"

namespace aiops {
namespace {

// bcrypt of "secret" at cost 4.
constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

Result<WebFileConfig> Read(const std::string& text) {
  const TestFolder folder;
  std::ofstream(folder.path() + "/web.yml") << text;
  return ReadWebConfig(folder.path() + "/web.yml");
}

std::string ErrorOf(const std::string& text) {
  const auto config = Read(text);
  return config ? "" : config.error().message;
}

WebRequest Login(const std::string& base64) {
  WebRequest request;
  request.authorization = base64.empty() ? "" : "Basic " + base64;
  return request;
}

TEST(WebConfig, ReadsTheFormatOfTheExporters) {
  const auto config = Read(
      "tls_server_config:\n  cert_file: a.crt\n  key_file: /b.key\n  min_version: TLS13\n"
      "http_server_config:\n  http2: false\n  headers:\n"
      "    Strict-Transport-Security: max-age=60\n"
      "basic_auth_users:\n  ann: " +
      std::string(kHash) + "\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->tls->cert_file.ends_with("/a.crt"));
  EXPECT_EQ(config->tls->key_file, "/b.key");
  EXPECT_EQ(config->tls->min_version, "TLS13");
  EXPECT_EQ(config->users.size(), 1u);
  EXPECT_EQ(config->headers.size(), 1u);
}

TEST(WebConfig, TellsWhatIsWrong) {
  EXPECT_NE(ErrorOf("tls_server_config:\n  cert_file: a\n").find("key_file"), std::string::npos);
  EXPECT_NE(ErrorOf("tls_server_config:\n  cert_file: a\n  key_file: b\n  cipher_suites: [x]\n")
                .find("not served"),
            std::string::npos);
  EXPECT_NE(ErrorOf("basic_auth_users:\n  ann: plainpassword\n").find("bcrypt"), std::string::npos);
  EXPECT_EQ(ErrorOf("basic_auth_users:\n  ann: plainpassword\n").find("plainpassword"),
            std::string::npos);
  EXPECT_NE(ErrorOf("basic_auth_user: {}\n").find("basic_auth_users"), std::string::npos);
  EXPECT_NE(ErrorOf("http_server_config:\n  headers:\n    X-Evil: a\n").find("X-Evil"),
            std::string::npos);
  EXPECT_FALSE(ReadWebConfig("/nonexistent/web.yml"));
}

TEST(BasicAuth, ChecksHashes) {
  EXPECT_TRUE(CheckBcryptHash(Secret(kHash)));
  EXPECT_FALSE(CheckBcryptHash(Secret("")));
  EXPECT_FALSE(CheckBcryptHash(Secret("$6$x$y")));
  std::string costly = kHash;
  costly.replace(4, 2, "31");
  EXPECT_FALSE(CheckBcryptHash(Secret(costly)));
}

TEST(BasicAuth, RemembersOnlyWhatWasRight) {
  BasicAuth auth({{"ann", Secret(kHash)}});
  WebRequest right = Login("YW5uOnNlY3JldA==");  // ann:secret
  EXPECT_FALSE(auth.Refuse(right));
  EXPECT_EQ(right.user, "ann");
  EXPECT_EQ(auth.checks(), 1u);
  EXPECT_FALSE(auth.Refuse(right));
  EXPECT_EQ(auth.checks(), 1u);
  for (int i = 0; i < 2; ++i) {
    WebRequest wrong = Login("YW5uOnNlY3JlVA==");
    const auto refused = auth.Refuse(wrong);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    EXPECT_EQ(refused->headers.at(0).first, "WWW-Authenticate");
    EXPECT_EQ(wrong.user, "");
  }
  EXPECT_EQ(auth.checks(), 3u);
}

TEST(BasicAuth, ChecksUnknownNamesLikeKnownOnes) {
  BasicAuth auth({{"ann", Secret(kHash)}});
  WebRequest unknown = Login("Ym9iOnNlY3JldA==");  // bob, with ann's password
  for (std::uint64_t checks = 1; checks <= 2; ++checks) {
    EXPECT_TRUE(auth.Refuse(unknown));
    EXPECT_EQ(auth.checks(), checks);
  }
}

TEST(BasicAuth, RefusesStrangersAndGarbage) {
  BasicAuth auth({{"ann", Secret(kHash)}});
  for (const char* login : {"", "Ym9iOnNlY3JldA==" /* bob:secret */, "!!!!", "YW5u", "=", "===="}) {
    WebRequest request = Login(login);
    EXPECT_TRUE(auth.Refuse(request)) << login;
  }
}

}  // namespace
}  // namespace aiops
