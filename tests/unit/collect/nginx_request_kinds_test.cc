// What becomes of the texts of strangers: templates, networks, families.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "collect/nginx/agent_family.h"
#include "collect/nginx/client_network.h"
#include "collect/nginx/path_template.h"

namespace aiops {
namespace {

TEST(NginxPathTemplate, KeepsWhatPathsHaveInCommon) {
  PathTemplate t;
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"/index.html", "/index.html"},
      {"/shop/item/4711", "/shop/item/*"},
      {"/shop/item/4711.html?ref=home", "/shop/item/*.html"},
      {"/api/v2/users/17/orders", "/api/v2/users/*/orders"},
      {"/o/3f2504e0-4f89-41d3-9a0c-0305e82c3301/x", "/o/*/x"},
      {"/o/3F2504E0-4F89-41D3-9A0C-0305E82C3301", "/o/*"},
      {"/assets/app.9f86d081.js", "/assets/app.*.js"},
      {"/assets/app-main.js", "/assets/app-main.js"},
      {"/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "/t/*"},
      {"/t/abcdefghijklmnopqrstuvwxyz", "/t/*"},
      {"/user/ann@example.org/mail", "/user/*/mail"},
      {"/caf%C3%A9/menu", "/*/menu"},
      {"/a;jsessionid=1/b", "/*/b"},
      {"/2026-11-24/report", "/*-*-*/report"},
      {"/wp-login.php", "/wp-login.php"},
      {"//a//b/", "//a//b/"},
      {"/a/b/c/d/e/f", "/a/b/c/d/e/f"},
      {"/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/**"},
      {"/../../etc/passwd", "/../../etc/passwd"},
      {"/x#fragment", "/x"},
      {"/a\x01\x1b[31m", "/*"},
      {"", "(no path)"},
      {"*", "(no path)"},
      {"host:443", "(no path)"},
      {"http://evil/", "(no path)"},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(t.Of(path), expected) << path;
}

TEST(NginxPathTemplate, IsShortPlainAndBlindToTheQueryWhateverComes) {
  PathTemplate t;
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::string path = "/";
    for (auto n = random() % 300; n > 0; --n) {
      path.push_back(random() % 3 == 0 ? "/-._a0*"[random() % 7] : static_cast<char>(random()));
    }
    const std::string once(t.Of(path));
    ASSERT_LE(once.size(), kMaxTemplateBytes) << path;
    for (const char c : once) {
      ASSERT_TRUE(std::isalnum(static_cast<unsigned char>(c)) ||
                  std::string_view("/-._~*").find(c) != std::string_view::npos)
          << once;
    }
    ASSERT_EQ(t.Of(path + "?s3cret"), once);
    ASSERT_EQ(t.Of(once), once);
  }
}

TEST(NginxClientNetwork, NamesTheNetworkOfAnAddress) {
  ClientNetwork network;
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.77", "192.0.2.0/24"},
      {"255.255.255.255", "255.255.255.0/24"},
      {"2001:db8:1:2::3", "2001:db8:1::/48"},
      {"2001:DB8:1:ffff:1:2:3:4", "2001:db8:1::/48"},
      {"::1", "::/48"},
      {"::ffff:192.0.2.77", "192.0.2.0/24"},
      {"192.0.2", "no address"},
      {"192.0.2.", "no address"},
      {"192.0.2.1.5", "no address"},
      {"192.0.2.256", "no address"},
      {"192..2.1", "no address"},
      {"99999999999999999999.1.1.1", "no address"},
      {"unix:", "no address"},
      {"example.org", "no address"},
      {"", "no address"},
      {"1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9", "no address"},
  };
  for (const auto& [client, name] : cases) {
    EXPECT_EQ(ClientNetwork::Name(network.Of(client)), name) << client;
  }
}

TEST(NginxAgentFamily, KnowsCommonClients) {
  AgentFamilies families;
  const std::pair<const char*, const char*> cases[] = {
      {"", "none"},
      {"-", "none"},
      {"curl/7.88.1", "curl"},
      {"Wget/1.21", "wget"},
      {"python-requests/2.31.0", "Python"},
      {"Go-http-client/1.1", "Go"},
      {"okhttp/4.12.0", "Java"},
      {"Prometheus/2.42.0", "monitor"},
      {"kube-probe/1.34", "monitor"},
      {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search bot"},
      {"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "SEO bot"},
      {"Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.2", "AI bot"},
      {"SomethingBot/1.0", "other bot"},
      {"my-crawler/1", "other bot"},
      {"Mozilla/5.0 zgrab/0.x", "scanner"},
      {"sqlmap/1.8#stable (https://sqlmap.org)", "scanner"},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox"},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
       "Safari/537.36",
       "Chrome"},
      {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
       "Edge"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 "
       "Safari/605.1.15",
       "Safari"},
      {"Mozilla/4.0", "other"},
      {"\xff\xfe\x01", "other"},
  };
  for (int round = 0; round < 2; ++round) {
    for (const auto& [agent, family] : cases) EXPECT_EQ(ToString(families.Of(agent)), family);
  }
}

TEST(NginxAgentFamily, LooksAtABoundedPartOfAnyText) {
  std::string long_agent(60'000, 'x');
  long_agent += " curl";
  EXPECT_EQ(FamilyOf(long_agent), AgentFamily::kOther);
  AgentFamilies families;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string agent;
    for (auto n = random() % 60; n > 0; --n) agent.push_back(static_cast<char>(random()));
    EXPECT_EQ(families.Of(agent), FamilyOf(agent));
  }
}

}  // namespace
}  // namespace aiops
