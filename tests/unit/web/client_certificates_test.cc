// Who gets through the door for each client_auth_type, over real connections, as Go's crypto/tls
// and so the other exporters do it.
#include <gtest/gtest.h>

#include <filesystem>

#include "net/http_client.h"
#include "tls_server.h"

namespace aiops {
namespace {

struct Entry {
  const char* client;  // name of its .crt and .key; "": shows none
  bool admitted;
};
struct AuthCase {
  const char* type;
  std::vector<Entry> entries;
};

void PrintTo(const AuthCase& each, std::ostream* out) { *out << each.type; }

const AuthCase kCases[] = {
    {"NoClientCert", {{"", true}, {"good", true}, {"foreign", true}, {"expired", true}}},
    {"RequestClientCert",
     {{"", true}, {"good", true}, {"foreign", true}, {"expired", true}, {"server_only", true}}},
    {"RequireAnyClientCert",
     {{"", false}, {"good", true}, {"foreign", true}, {"expired", true}, {"server_only", true}}},
    {"RequireClientCert", {{"", false}, {"foreign", true}}},
    {"VerifyClientCertIfGiven",
     {{"", true},
      {"good", true},
      {"foreign", false},
      {"expired", false},
      {"not_yet", false},
      {"impostor", false},
      {"server_only", false}}},
    {"RequireAndVerifyClientCert",
     {{"", false},
      {"good", true},
      {"foreign", false},
      {"expired", false},
      {"not_yet", false},
      {"impostor", false},
      {"server_only", false},
      {"good", true}}},
};

class ClientCertificates : public TlsServerTest {
 protected:
  ClientCertificates() {
    ca_.Write(folder_ + "/ca.crt");
    foreign_ca_.Write(folder_ + "/foreign_ca.crt");
    Issue("good", {}, ca_);
    Issue("foreign", {}, foreign_ca_);
    Issue("impostor", {},
          TestCertificate("CA of clients", {.is_ca = true}));  // a CA of the same name
    Issue("expired", {.valid_until = -60}, ca_);
    Issue("not_yet", {.valid_from = 1800}, ca_);
    Issue("server_only", {.extended_key_usage = "serverAuth"}, ca_);
  }

  void Issue(const std::string& name, const CertificateSpec& spec, const TestCertificate& issuer) {
    const TestCertificate made(name, spec, &issuer);
    made.Write(folder_ + "/" + name + ".crt");
    made.WriteKey(folder_ + "/" + name + ".key");
  }
  // Puts another file in its place in one step, as whoever renews certificates does.
  void Replace(const std::string& name, const std::string& by) {
    std::filesystem::copy_file(folder_ + "/" + by, folder_ + "/new");
    std::filesystem::rename(folder_ + "/new", folder_ + "/" + name);
    clock_.Advance(seconds(1));
  }

  bool Admits(const WebServer& server, const std::string& client) {
    HttpEndpoint endpoint;
    endpoint.base_url = "https://127.0.0.1:" + std::to_string(server.port());
    endpoint.tls.insecure_skip_verify = true;
    if (!client.empty()) {
      endpoint.tls.cert_file = folder_ + "/" + client + ".crt";
      endpoint.tls.key_file = folder_ + "/" + client + ".key";
    }
    HttpRequest request;
    request.path = "/metrics";
    const auto answer = MakeHttpClient()->Send(endpoint, request, {});
    if (answer) return answer->status == 200;
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable) << answer.error().message;
    return false;
  }

  const TestCertificate ca_{"CA of clients", {.is_ca = true}};
  const TestCertificate foreign_ca_{"foreign CA", {.is_ca = true}};
};

class ClientAuthTypes : public ClientCertificates, public testing::WithParamInterface<AuthCase> {};

TEST_P(ClientAuthTypes, AdmitWhomGoAdmits) {
  const AuthCase& each = GetParam();
  const bool has_ca = each.type != std::string("NoClientCert");
  for (const char* version : {"TLS12", "TLS13"}) {
    SCOPED_TRACE(version);
    Configure(std::string("  max_version: ") + version + "\n  client_auth_type: " + each.type +
              (has_ca ? "\n  client_ca_file: ca.crt\n" : "\n"));
    const auto server = Open();
    ASSERT_TRUE(server) << server.error().message;
    for (const Entry& entry : each.entries)
      EXPECT_EQ(Admits(**server, entry.client), entry.admitted) << entry.client;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ClientAuthTypes, testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.type); });

constexpr char kVerify[] =
    "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";

TEST_F(ClientCertificates, OfAnIntermediateCaNeedItOnEitherSide) {
  const TestCertificate middle("CA below it", {.is_ca = true}, &ca_);
  Issue("chained", {}, middle);
  Configure(kVerify);
  const auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_FALSE(Admits(**server, "chained"));
  middle.Write(folder_ + "/middle.crt");
  Replace("ca.crt", "middle.crt");  // without its root
  EXPECT_TRUE(Admits(**server, "chained"));
  EXPECT_FALSE(Admits(**server, "good"));
  ca_.Write(folder_ + "/root.crt");
  Replace("ca.crt", "root.crt");
  EXPECT_FALSE(Admits(**server, "chained"));
  middle.Write(folder_ + "/chained.crt", true);
  EXPECT_TRUE(Admits(**server, "chained"));
}

TEST_F(ClientCertificates, AreMeasuredByTheCaFileAsItIsNow) {
  std::filesystem::copy_file(folder_ + "/ca.crt", folder_ + "/first_ca.crt");
  Configure(kVerify);
  const auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE(Admits(**server, "good"));
  EXPECT_FALSE(Admits(**server, "foreign"));
  Replace("ca.crt", "foreign_ca.crt");
  EXPECT_FALSE(Admits(**server, "good"));
  EXPECT_TRUE(Admits(**server, "foreign"));
  Replace("ca.crt", "first_ca.crt");
  EXPECT_TRUE(Admits(**server, "good"));
  EXPECT_FALSE(Admits(**server, "foreign"));
  foreign_ca_.Write(folder_ + "/ca.crt", true);  // both, while clients move over
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Admits(**server, "good"));
  EXPECT_TRUE(Admits(**server, "foreign"));
}

TEST_F(ClientCertificates, AreMeasuredByTheLastCaFileThatCouldBeRead) {
  Configure(kVerify);
  const auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  for (const char* broken : {"", "garbage", "-----BEGIN CERTIFICATE-----\nMIIB\n"}) {
    std::ofstream(folder_ + "/ca.crt") << broken;
    clock_.Advance(seconds(1));
    EXPECT_TRUE(Admits(**server, "good")) << broken;
    EXPECT_FALSE(Admits(**server, "foreign")) << broken;
    EXPECT_FALSE(Admits(**server, "")) << broken;
  }
  std::filesystem::remove(folder_ + "/ca.crt");
  clock_.Advance(seconds(1));
  EXPECT_FALSE(Admits(**server, ""));
  Replace("ca.crt", "foreign_ca.crt");
  EXPECT_TRUE(Admits(**server, "foreign"));
  EXPECT_FALSE(Admits(**server, "good"));
}

TEST_F(ClientCertificates, NeedACaFileThatCanBeReadBeforeTheStart) {
  std::ofstream(folder_ + "/ca.crt") << "garbage";
  Configure(kVerify);
  const auto server = Open();
  ASSERT_FALSE(server);
  const std::string& message = server.error().message;
  EXPECT_NE(message.find("tls_server_config.client_ca_file " + folder_ + "/ca.crt"),
            std::string::npos)
      << message;
}

TEST_F(ClientCertificates, AreAskedForWhenTheTypeIsChangedWhileItRuns) {
  Configure("");
  const auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE(Admits(**server, ""));
  Configure(kVerify);
  clock_.Advance(seconds(1));
  EXPECT_FALSE(Admits(**server, ""));
  EXPECT_TRUE(Admits(**server, "good"));
  Configure("");
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Admits(**server, ""));
}

}  // namespace
}  // namespace aiops
