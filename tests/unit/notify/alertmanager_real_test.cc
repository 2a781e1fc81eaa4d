// The notifier against real Alertmanagers, by asking their API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/config_text.h"
#include "notify/notifier.h"
#include "unit/notify/alertmanager_peer.h"

namespace aiops {

extern const NotifierDescriptor kAlertmanagerNotifier;

namespace {

using Json = nlohmann::json;

class RealAlertmanager : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!peer_.skip_reason().empty()) GTEST_SKIP() << peer_.skip_reason();
    ASSERT_NE(peer_.url(), "") << peer_.log();
    config_ = std::make_unique<TestConfig>("notify: {alertmanager: {urls: '" + peer_.url() + "'}}");
    auto all = kAlertmanagerNotifier.make(config_->At("notify.alertmanager"), context_);
    ASSERT_EQ(all.size(), 1u);
    notifier_ = std::move(all[0]);
  }

  Result<Receipt> Send(std::vector<Anomaly> anomalies) {
    return notifier_->Send({"key", std::move(anomalies), clock_.Now()}, {});
  }

  // What fires now, sorted by labels.
  Json Firing() {
    const auto answer = http_->Send({.base_url = peer_.url()}, {.path = "/api/v2/alerts"}, {});
    return answer ? Json::parse(answer->body, nullptr, false) : Json("no answer");
  }
  // Until exactly one fires, with this severity and object.
  bool AwaitOnly(const std::string& severity, Json& alert) {
    return AlertmanagerPeer::Await([&] {
      const auto firing = Firing();
      if (firing.size() != 1) return false;
      alert = firing.at(0);
      return alert["labels"]["severity"] == severity;
    });
  }
  bool AwaitNone() {
    return AlertmanagerPeer::Await([&] { return Firing() == Json::array(); });
  }

  Anomaly Episode(Severity severity) {
    Anomaly a;
    a.id = 7;
    a.key = {"server", "naïve\n\"nas\"\xff"};
    a.labels = {{"rack", "r1"}, {"9 bad-name", "v"}, {"empty", ""}};
    a.severity = severity;
    a.started_at = start_;
    a.summary = "request_rate is far above what is usual";
    a.contributions = {{"request_rate", "requests/s", 830.4, 12, 3.1, 25, 1}};
    return a;
  }

  AlertmanagerPeer peer_{GetParam()};
  SystemClock clock_;
  std::unique_ptr<HttpClient> http_ = MakeHttpClient();
  NotifierContext context_{
      clock_, *http_, "https://aiops.home/x", {{"team", "home"}}, *TimeZone::Open("UTC")};
  Time start_ = FloorTo(clock_.Now(), seconds(1)) - minutes(10);
  std::unique_ptr<TestConfig> config_;
  std::unique_ptr<Notifier> notifier_;
};

TEST_P(RealAlertmanager, StoresTheAlertAsItWasMeant) {
  ASSERT_TRUE(Send({Episode(Severity::kWarning)}));
  Json alert;
  ASSERT_TRUE(AwaitOnly("warning", alert)) << Firing() << peer_.log();
  EXPECT_EQ(alert["labels"], Json({{"alertname", "AiopsAnomaly"},
                                   {"severity", "warning"},
                                   {"entity", "naïve \"nas\"\xef\xbf\xbd"},
                                   {"scope", "server"},
                                   {"kind", "learned"},
                                   {"team", "home"},
                                   {"rack", "r1"},
                                   {"_9_bad_name", "v"}}));
  EXPECT_EQ(alert["generatorURL"], "https://aiops.home/x/anomalies/7");
  EXPECT_EQ(alert["annotations"]["anomaly_id"], "7");
  EXPECT_EQ(ParseTime(alert["startsAt"].get<std::string>()).value(), start_);
}

TEST_P(RealAlertmanager, AnEscalationLeavesOneAlertAndTheEndNone) {
  ASSERT_TRUE(Send({Episode(Severity::kWarning)}));
  Json alert;
  ASSERT_TRUE(AwaitOnly("warning", alert)) << Firing();
  ASSERT_TRUE(Send({Episode(Severity::kCritical)}));
  ASSERT_TRUE(AwaitOnly("critical", alert)) << Firing();
  auto closed = Episode(Severity::kCritical);
  closed.state = AnomalyState::kClosed;
  closed.ended_at = clock_.Now();
  ASSERT_TRUE(Send({closed}));
  EXPECT_TRUE(AwaitNone()) << Firing();
}

TEST_P(RealAlertmanager, TheNextEpisodeFiresRightAfterTheLast) {
  auto old = Episode(Severity::kWarning);
  ASSERT_TRUE(Send({old}));
  old.state = AnomalyState::kClosed;
  old.ended_at = clock_.Now();
  ASSERT_TRUE(Send({old}));
  ASSERT_TRUE(AwaitNone()) << Firing();
  auto next = Episode(Severity::kWarning);
  next.id = 9;
  next.started_at = clock_.Now();
  ASSERT_TRUE(Send({next, old}));
  Json alert;
  ASSERT_TRUE(AwaitOnly("warning", alert)) << Firing();
  EXPECT_EQ(alert["annotations"]["anomaly_id"], "9");
}

TEST_P(RealAlertmanager, AWrongPathPrefixIsNotFound) {
  TestConfig config("notify: {alertmanager: {urls: '" + peer_.url() + "/wrong'}}");
  const auto all = kAlertmanagerNotifier.make(config.At("notify.alertmanager"), context_);
  const auto sent = all.at(0)->Send({"key", {Episode(Severity::kWarning)}, clock_.Now()}, {});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().kind, ErrorKind::kNotFound) << sent.error().message;
}

INSTANTIATE_TEST_SUITE_P(Versions, RealAlertmanager,
                         ::testing::Values("alertmanager", "alertmanager-0.31"),
                         [](const auto& version) {
                           return version.param == std::string("alertmanager") ? "Packaged"
                                                                               : "Cached031";
                         });

}  // namespace
}  // namespace aiops
