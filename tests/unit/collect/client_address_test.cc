#include "collect/nginx/client_address.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(ClientAddress, ReadsAddressesAndWhatProxiesMakeOfThem) {
  for (const char* good : {"192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]",
                           "[2001:db8::1]:443", "::ffff:192.0.2.1", "::"}) {
    EXPECT_TRUE(ParseAddress(good)) << good;
  }
  EXPECT_EQ(ParseAddress("192.0.2.1"), ParseAddress("::ffff:192.0.2.1"));
  EXPECT_EQ(ParseAddress("192.0.2.1:1"), ParseAddress("192.0.2.1"));
  for (const char* bad : {"", "-", "unix:", "unknown", "_hidden", "192.0.2", "192.0.2.256",
                          "192.0.2.01", "192.0.2.1 ", "2001:db8::1::", "[", "[]", "example.org",
                          "fe80::1%eth0", "1111111111111111111111111111111111111111111111111"}) {
    EXPECT_FALSE(ParseAddress(bad)) << bad;
  }
  EXPECT_FALSE(ParseAddress(std::string_view("192.0.2.1\0", 10)));
}

TEST(ClientAddress, ReadsNetworksStrictly) {
  const auto contains = [](const char* network, const char* address) {
    return ParseNetwork(network)->Contains(*ParseAddress(address));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("172.16.0.0/12", "172.31.0.1"));
  EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.1.2.3"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));

  const auto problem = [](const char* text) {
    const auto network = ParseNetwork(text);
    return network ? std::string("read") : network.error().message;
  };
  EXPECT_EQ(problem("10.0.0.1/8"),
            "found '10.0.0.1/8', has bits behind its prefix: want 10.0.0.0/8");
  EXPECT_EQ(problem("2001:db8::1/32"),
            "found '2001:db8::1/32', has bits behind its prefix: want 2001:db8::/32");
  EXPECT_EQ(problem("10.0.0.0/33"),
            "found '10.0.0.0/33', want a prefix from 0 to 32 behind the '/'");
  for (const char* bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.0/8/8",
        "10.0.0/8", "10.0.0.0/255.0.0.0", "localhost", "::/129"}) {
    EXPECT_NE(problem(bad), "read") << bad;
  }
}

struct Case {
  const char* name;
  const char* claimed;
  const char* client;
  const char* expected;
  const char* peer = "";
};

TEST(ClientAddress, BelievesAHeaderOnlyFromTrustedProxies) {
  ClientSource source;
  source.variable = ClientSource::Normalised("x_forwarded_for");
  EXPECT_EQ(source.Claimed(), "http_x_forwarded_for");
  source.trusted = {*ParseNetwork("10.0.0.0/8"), *ParseNetwork("2001:db8:1::/48")};
  for (const auto& c : std::vector<Case>{
           {"direct", "", "192.0.2.7", "192.0.2.7"},
           {"spoofed", "1.2.3.4", "192.0.2.7", "192.0.2.7"},
           {"through a proxy", "192.0.2.7", "10.0.0.1", "192.0.2.7"},
           {"through two", "192.0.2.7, 10.0.0.2", "10.0.0.1", "192.0.2.7"},
           {"invented before it", "1.2.3.4, 192.0.2.7,10.0.0.2", "10.0.0.1", "192.0.2.7"},
           {"all trusted", "10.0.0.3, 10.0.0.2", "10.0.0.1", "10.0.0.3"},
           {"IPv6", "2001:db8:2::7, 2001:db8:1::5", "2001:db8:1::1", "2001:db8:2::7"},
           {"with a port", "192.0.2.7:4711", "10.0.0.1", "192.0.2.7"},
           {"nonsense last", "192.0.2.7, unknown", "10.0.0.1", "10.0.0.1"},
           {"nonsense behind a proxy", "junk, 10.0.0.2", "10.0.0.1", "10.0.0.2"},
           {"nothing", "", "10.0.0.1", "10.0.0.1"},
           {"only commas", ",,", "10.0.0.1", "10.0.0.1"},
           {"a socket", "192.0.2.7", "unix:", "unix:"},
           {"told by the real_ip module", "192.0.2.7", "192.0.2.7", "192.0.2.7", "10.0.0.1"},
           {"connected from elsewhere", "1.2.3.4", "10.0.0.9", "203.0.113.1", "203.0.113.1:99"},
       }) {
    LogEntry entry;
    entry.client = c.client;
    entry.claimed = c.claimed;
    entry.peer = c.peer;
    source.Resolve(entry);
    EXPECT_EQ(entry.client, c.expected) << c.name;
  }
}

TEST(ClientAddress, TakesAnyOtherVariableAsItIs) {
  ClientSource source;
  source.variable = ClientSource::Normalised("$realip_remote_addr");
  EXPECT_EQ(source.Claimed(), "realip_remote_addr");
  LogEntry entry;
  entry.client = "192.0.2.7";
  source.Resolve(entry);
  EXPECT_EQ(entry.client, "192.0.2.7");
  entry.claimed = "10.0.0.1";
  source.Resolve(entry);
  EXPECT_EQ(entry.client, "10.0.0.1");
  EXPECT_EQ(ClientSource{}.Claimed(), "");
  EXPECT_EQ(ClientSource::Normalised("X-Forwarded-For"), "http_x_forwarded_for");
}

}  // namespace
}  // namespace aiops
