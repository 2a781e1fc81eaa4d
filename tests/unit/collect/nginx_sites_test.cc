// Entities by site: who becomes one, who does not, and what is told of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "collect/nginx/site_table.h"
#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr Time kNow = FromUnixMillis(1'700'000'040'000);

class NginxSiteTable : public ::testing::Test {
 protected:
  SiteId Note(const std::string& site, int status = 200, Time t = kNow) {
    LogEntry entry;
    entry.site = site;
    entry.status = status;
    entry.time = t;
    return table_.Note(entry, "access.log").value();
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& [id, site] : table_.sites()) names.push_back(site.name);
    return names;
  }

  SiteTable table_{{.entities = true, .only = {}}};
};

TEST_F(NginxSiteTable, KnowsOnlySitesThatAnswered) {
  EXPECT_EQ(Note("scanned.example", 404), kOtherSite);
  EXPECT_EQ(Note("scanned.example", 500), kOtherSite);
  const SiteId shop = Note("Shop.Example", 301);
  EXPECT_NE(shop, kOtherSite);
  EXPECT_EQ(Note("shop.example", 500), shop);
  EXPECT_NE(Note("", 200), shop) << "the log's name";
  EXPECT_THAT(Names(), ElementsAre("other", "shop.example", "access.log"));
}

TEST_F(NginxSiteTable, HoldsNoMoreThanItsBound) {
  for (int i = 0; i < 100'000; ++i) Note("h" + std::to_string(i) + ".example");
  EXPECT_EQ(table_.sites().size(), kMaxSites + 1);
  EXPECT_EQ(table_.refused(), 100'000 - kMaxSites);
  EXPECT_NE(Note("h7.example", 500), kOtherSite);
  EXPECT_EQ(Note("h99999.example"), kOtherSite);
}

TEST_F(NginxSiteTable, TakesOnlyThoseOfTheConfigurationIfItNamesAny) {
  table_ = SiteTable({.entities = true, .only = {"shop.example"}});
  EXPECT_NE(Note("shop.example", 404), kOtherSite) << "whatever it answers";
  EXPECT_EQ(Note("blog.example", 200), kOtherSite);
  EXPECT_EQ(table_.refused(), 0u);
}

TEST_F(NginxSiteTable, ForgetsWhoWasNotAskedForADay) {
  const SiteId first = Note("first.example");
  Note("second.example", 200, kNow + hours(2));
  table_.ForgetQuiet(kNow + hours(24) - seconds(1));
  EXPECT_EQ(table_.sites().size(), 2u);
  table_.ForgetQuiet(kNow + hours(24));
  EXPECT_THAT(Names(), ElementsAre("second.example"));
  EXPECT_EQ(Note("third.example"), first) << "its place is free";
}

TEST_F(NginxSiteTable, CleansNames) {
  Note("a\nb\x1b[31m\xff.Example");
  Note("Other");
  EXPECT_THAT(Names(), ElementsAre("other", "a b [31m\xEF\xBF\xBD.example"));
  EXPECT_LE(CleanSiteName(std::string(5000, 'a')).size(), 128u);
  EXPECT_EQ(CleanSiteName(CleanSiteName(std::string(5000, 'a'))),
            CleanSiteName(std::string(5000, 'a')));
}

TEST_F(NginxSiteTable, RefusesToRestoreWhatCannotBe) {
  const KnownSite good{"shop.example", kNow, kNow};
  EXPECT_TRUE(table_.Put(1, good));
  EXPECT_FALSE(table_.Put(1, {"two.example", kNow, kNow})) << "the place is taken";
  EXPECT_FALSE(table_.Put(2, good)) << "the name is";
  EXPECT_FALSE(table_.Put(kMaxSites + 1, {"x", kNow, kNow}));
  EXPECT_FALSE(table_.Put(3, {"", kNow, kNow}));
  EXPECT_FALSE(table_.Put(3, {"Upper", kNow, kNow}));
  EXPECT_FALSE(table_.Put(3, {"other", kNow, kNow}));
  EXPECT_FALSE(table_.Put(0, {"x", kNow, kNow}));
  EXPECT_FALSE(table_.Put(3, {"x", kNow, kNow - seconds(1)}));
  EXPECT_TRUE(table_.Put(0, {"other", kNow, kNow}));
}

// By site, then by feature.
std::map<std::string, Values> BySite(const std::vector<Reading>& readings) {
  std::map<std::string, Values> out;
  for (const auto& reading : readings) {
    const std::string site = reading.labels.empty() ? "" : reading.labels[0].second;
    out[site][NginxHarness::kNames[reading.feature.feature]] = reading.value;
  }
  return out;
}

std::string Line(Time t, int status, const std::string& host, const std::string& client = "a") {
  return std::to_string(UnixMillis(t) / 1000) + " " + client + " " + std::to_string(status) +
         " 10 " + host + "\n";
}
constexpr char kFormat[] = "format: '$msec $remote_addr $status $body_bytes_sent $host'\n";

class NginxSites : public ::testing::Test {
 protected:
  void Start(const std::string& options) {
    h_ = std::make_unique<NginxHarness>(seconds(60), kFormat + options);
    h_->entity_labels = {"site"};
    h_->Start();
    EXPECT_EQ(h_->problems, "");
    t_ = h_->clock.Now();
  }

  std::unique_ptr<NginxHarness> h_;
  Time t_;
};

TEST_F(NginxSites, HaveNumbersOfTheirOwn) {
  Start("entity_by_site: true");
  h_->folder.Append(Line(t_ + seconds(1), 200, "shop") + Line(t_ + seconds(2), 500, "shop", "b") +
                    Line(t_ + seconds(3), 200, "blog") + Line(t_ + seconds(4), 404, "x.evil") +
                    Line(t_ + seconds(5), 404, "y.evil"));
  auto collected = h_->Tick(t_ + minutes(1));
  ASSERT_TRUE(collected);
  auto sites = BySite(collected->readings);
  EXPECT_EQ(sites.size(), 3u);
  const Values shop{{"request_rate", 2.0 / 60},
                    {"error_rate_4xx", 0},
                    {"error_rate_5xx", 0.5},
                    {"unique_ips_per_min", 2},
                    {"avg_response_size", 10}};
  EXPECT_EQ(sites["shop"], shop);
  EXPECT_EQ(sites["other"]["error_rate_4xx"], 1);
  EXPECT_EQ(sites["blog"]["request_rate"], 1.0 / 60);

  // Who is known and silent has zeros, also after a restart.
  h_->Start(*collected->checkpoint);
  collected = h_->Tick(t_ + minutes(2));
  sites = BySite(collected->readings);
  EXPECT_EQ(sites.size(), 3u);
  EXPECT_THAT(sites["shop"], ElementsAre(Pair("request_rate", 0), Pair("unique_ips_per_min", 0)));
}

TEST_F(NginxSites, AreOnlyForScopesThatAskForThem) {
  Start("entity_by_site: true");
  h_->entity_labels = {"instance"};
  h_->Start();
  h_->folder.Append(Line(t_ + seconds(1), 200, "shop") + Line(t_ + seconds(2), 200, "blog"));
  const auto sites = BySite(h_->Tick(t_ + minutes(1))->readings);
  EXPECT_THAT(sites, ElementsAre(Pair("", ::testing::_)));
  EXPECT_DOUBLE_EQ(sites.at("").at("request_rate"), 2.0 / 60);
  Start("");
  h_->folder.Append(Line(t_ + seconds(1), 200, "shop"));
  EXPECT_THAT(BySite(h_->Tick(t_ + minutes(1))->readings), ElementsAre(Pair("", ::testing::_)));
}

TEST_F(NginxSites, SurviveAKillExactlyAndTellTheirPast) {
  Start("entity_by_site: true");
  h_->folder.Append(Line(t_ + seconds(10), 200, "shop"));
  auto collected = h_->Tick(t_ + minutes(1));
  h_->folder.Append(Line(t_ + seconds(70), 200, "shop") + Line(t_ + seconds(80), 200, "new"));
  h_->Read();
  h_->Start(*collected->checkpoint);  // what was read since is read again
  h_->folder.Append(Line(t_ + seconds(130), 200, "shop") + Line(t_ + seconds(131), 200, "shop"));
  collected = h_->Tick(t_ + minutes(3));
  ASSERT_EQ(collected->past.size(), 1u);
  const auto past = BySite(collected->past[0].readings);
  EXPECT_EQ(past.at("shop").at("request_rate"), 1.0 / 60);
  EXPECT_EQ(past.at("new").at("request_rate"), 1.0 / 60);
  EXPECT_EQ(BySite(collected->readings).at("shop").at("request_rate"), 2.0 / 60);

  // A slot that is open at the tick.
  h_->folder.Append(Line(t_ + minutes(3) + seconds(1), 200, "shop", "x"));
  h_->Read();
  h_->folder.Append(Line(t_ + minutes(4) + seconds(1), 200, "shop", "y"));
  collected = h_->Tick(t_ + minutes(4));
  EXPECT_EQ(BySite(collected->readings).at("shop").at("request_rate"), 1.0 / 60);
  h_->Start(*collected->checkpoint);
  h_->folder.Append(Line(t_ + minutes(4) + seconds(2), 200, "shop", "z"));
  const auto sites = BySite(h_->Tick(t_ + minutes(5))->readings);
  EXPECT_EQ(sites.at("shop").at("request_rate"), 2.0 / 60);
  EXPECT_EQ(sites.at("shop").at("unique_ips_per_min"), 2);
}

TEST_F(NginxSites, AreNotMadeByAScanner) {
  Start("entity_by_site: true");
  std::mt19937 random(1);
  std::string text = Line(t_ + seconds(1), 200, "shop");
  for (int i = 0; i < 5000; ++i) {
    text += Line(t_ + seconds(2), 404, "h" + std::to_string(random()) + ".evil");
  }
  h_->folder.Append(text);
  EXPECT_THAT(BySite(h_->Tick(t_ + minutes(1))->readings),
              ElementsAre(Pair("other", ::testing::_), Pair("shop", ::testing::_)));
}

TEST_F(NginxSites, ReportOptionsThatCannotBe) {
  NginxHarness h(seconds(60), "sites: [shop]");
  EXPECT_THAT(h.problems, HasSubstr("collect.nginx.sites: means nothing without entity_by_site"));
}

}  // namespace
}  // namespace aiops
