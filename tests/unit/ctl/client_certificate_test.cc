#include "ctl_harness.h"
#include "unit/web/tls_server.h"

namespace aiops {
namespace {

class ClientCertificate : public TlsServerTest {
 protected:
  ClientCertificate() {
    const TestCertificate ca("CA of clients", {.is_ca = true});
    ca.Write(folder_ + "/ca.crt");
    const TestCertificate client("ann", {}, &ca);
    client.Write(folder_ + "/ann.crt");
    client.WriteKey(folder_ + "/ann.key");
    Configure("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n");
  }
};

TEST_F(ClientCertificate, IsShownWhereTheDaemonWantsOne) {
  const auto server = Open();
  ASSERT_TRUE(server) << server.error().message;
  std::vector<std::string> status{"status", "--web.url",
                                  "https://localhost:" + std::to_string((*server)->port()),
                                  "--ca-file", folder_ + "/a.crt"};
  EXPECT_EQ(CtlRun(status).code, 4);
  status.insert(status.end(), {"--cert-file", folder_ + "/ann.crt"});
  EXPECT_EQ(CtlRun(status).code, 2);  // alone it is of no use
  status.insert(status.end(), {"--key-file", folder_ + "/ann.key"});
  const CtlRun admitted(status);
  EXPECT_EQ(admitted.code, 0) << admitted.err;
}

}  // namespace
}  // namespace aiops
