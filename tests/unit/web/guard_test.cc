#include "web/guard.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

WebRequest Post(const std::string& host, const std::string& origin = "") {
  WebRequest request;
  request.method = "POST";
  request.host = host;
  request.origin = origin;
  return request;
}

const GuardOptions kOptions{"https://Aiops.example.org/prefix", {"aiops", "nas.lan:8100"}};

TEST(Guard, AllowsOurOwnHosts) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:8100", "192.168.1.5:8100", "[::1]:8100", "[fe80::1]", "localhost",
        "LOCALHOST:8100", "localhost.", "aiops.example.org", "aiops:8100", "nas.lan"}) {
    EXPECT_FALSE(RefuseForeign(kOptions, Post(host))) << host;
  }
}

TEST(Guard, RefusesForeignHostsAndNamesTheSetting) {
  for (const char* host :
       {"", "evil.example", "aiops.evil.example", "127.0.0.1.evil.example",
        "localhost.evil.example:8100", "1.2.3", "[evil", "[]", "aiops.example.orgx"}) {
    const auto refused = RefuseForeign(kOptions, Post(host));
    ASSERT_TRUE(refused) << host;
    EXPECT_NE(refused->find("web.allowed_hosts"), std::string::npos);
  }
}

TEST(Guard, AllowsOwnOrigins) {
  EXPECT_FALSE(RefuseForeign(kOptions, Post("localhost:8100", "http://localhost:8100")));
  EXPECT_FALSE(RefuseForeign(kOptions, Post("10.0.0.1", "http://10.0.0.1:80")));
  EXPECT_FALSE(RefuseForeign(kOptions, Post("aiops", "https://aiops.example.org")));
  EXPECT_FALSE(RefuseForeign(kOptions, Post("aiops", "https://aiops.example.org:443")));
}

TEST(Guard, RefusesForeignOrigins) {
  for (const char* origin :
       {"null", "http://evil.example", "http://localhost", "http://localhost:81",
        "https://localhost:8100", "http://aiops.example.org"}) {
    EXPECT_TRUE(RefuseForeign(kOptions, Post("localhost:8100", origin))) << origin;
  }
}

}  // namespace
}  // namespace aiops
