// A server with TLS, its certificate and its web configuration file, in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "certificates.h"
#include "fakes/manual_clock.h"
#include "sample_view.h"
#include "unit/test_folder.h"
#include "web/server.h"

namespace aiops {

class TlsServerTest : public testing::Test {
 protected:
  TlsServerTest() : store_(*Store::Open({}, clock_)) {
    options_.listen_address = "127.0.0.1:0";
    options_.config_file = folder_ + "/web.yml";
    Configure("");
    WriteCertificate(folder_ + "/a.crt", folder_ + "/a.key");
    view_.Set(SampleView());
  }

  // `more`: whole lines of tls_server_config, indented.
  void Configure(const std::string& more) const {
    std::ofstream(options_.config_file)
        << "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n"
        << more;
  }
  Result<std::unique_ptr<WebServer>> Open() {
    return WebServer::Open(options_, {clock_, view_, commands_, *store_});
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
  ManualClock clock_{kViewTime};
  ViewCell view_;
  CommandQueue commands_;
  std::unique_ptr<Store> store_;
  WebOptions options_;
};

}  // namespace aiops
