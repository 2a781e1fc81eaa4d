#include "web/tls.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fakes/manual_clock.h"
#include "net/http_client.h"
#include "sample_view.h"
#include "web/server.h"

namespace aiops {
namespace {

// A key and a certificate that it signs itself, as two PEM files.
void WriteCertificate(const std::string& cert_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  X509* cert = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), 0);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME* name = X509_get_subject_name(cert);
  const auto* common = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(cert, name);
  X509_sign(cert, key, EVP_sha256());
  FILE* file = std::fopen(cert_file.c_str(), "w");
  PEM_write_X509(file, cert);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(cert);
  EVP_PKEY_free(key);
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : folder_(testing::TempDir() + "aiops_tls_test"), store_(*Store::Open({}, clock_)) {
    std::filesystem::create_directories(folder_);
    options_.listen_address = "127.0.0.1:0";
    options_.config_file = folder_ + "/web.yml";
    std::ofstream(options_.config_file)
        << "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";
    WriteCertificate(folder_ + "/a.crt", folder_ + "/a.key");
    view_.Set(SampleView());
  }

  Result<std::unique_ptr<WebServer>> Open() {
    return WebServer::Open(options_, {clock_, view_, commands_, *store_});
  }

  std::string folder_;
  ManualClock clock_{kViewTime};
  ViewCell view_;
  CommandQueue commands_;
  std::unique_ptr<Store> store_;
  WebOptions options_;
};

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
  EXPECT_NE(server.error().message.find("a.key"), std::string::npos) << server.error().message;
  std::filesystem::remove(folder_ + "/a.crt");
  EXPECT_NE(Open().error().message.find("cert_file"), std::string::npos);
}

}  // namespace
}  // namespace aiops
