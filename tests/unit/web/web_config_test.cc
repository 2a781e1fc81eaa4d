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

// The error for a tls_server_config with these lines besides its certificate, from line 4.
std::string TlsErrorOf(const std::string& more) {
  return ErrorOf("tls_server_config:\n  cert_file: a\n  key_file: b\n" + more);
}

TEST(WebConfig, TellsWhatClientCertificatesNeed) {
  EXPECT_EQ(TlsErrorOf("  client_auth_type: RequestClientCert\n"), "");
  EXPECT_EQ(TlsErrorOf("  client_auth_type: RequireAnyClientCert\n  client_ca_file: c\n"), "");
  for (const char* type : {"VerifyClientCertIfGiven", "RequireAndVerifyClientCert"}) {
    const std::string line = std::string("  client_auth_type: ") + type + "\n";
    EXPECT_EQ(TlsErrorOf(line + "  client_ca_file: c\n"), "");
    EXPECT_NE(TlsErrorOf(line).find("tls_server_config.client_ca_file: is missing"),
              std::string::npos)
        << TlsErrorOf(line);
  }
  for (const char* type : {"", "  client_auth_type: NoClientCert\n"}) {
    const std::string error = TlsErrorOf(std::string("  client_ca_file: c\n") + type);
    for (const char* part : {"/web.yml:4: ", "tls_server_config.client_ca_file",
                             "set it to RequireAndVerifyClientCert"})
      EXPECT_NE(error.find(part), std::string::npos) << error;
  }
  const std::string typo = TlsErrorOf("  client_auth_type: RequireAndVerifyClientCerts\n");
  EXPECT_NE(typo.find("/web.yml:4: "), std::string::npos) << typo;
  EXPECT_NE(typo.find("did you mean"), std::string::npos) << typo;
}

TEST(WebConfig, TellsWhatToDoInsteadOfWhatIsNotServed) {
  const std::pair<const char*, const char*> kRemedies[] = {
      {"cert: x", "in cert_file"},
      {"key: x", "in key_file"},
      {"client_ca: x", "in client_ca_file"},
      {"client_allowed_sans: [x]", "remove client_allowed_sans"},
      {"cipher_suites: [x]", "min_version: TLS13"},
      {"curve_preferences: [X25519]", "remove it"},
      {"prefer_server_cipher_suites: true", "remove it"}};
  for (const auto& [line, remedy] : kRemedies) {
    const std::string error = TlsErrorOf("  " + std::string(line) + "\n");
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    for (const std::string& part :
         {std::string("/web.yml:4: "), "tls_server_config." + key, std::string(remedy)})
      EXPECT_NE(error.find(part), std::string::npos) << error;
  }
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
