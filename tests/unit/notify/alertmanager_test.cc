// The notifier as the delivery worker sees it, over a scripted client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "notify/alertmanager/alert.h"
#include "notify/notifier.h"
#include "notify_testing.h"
#include "text/sanitize.h"

namespace aiops {

extern const NotifierDescriptor kAlertmanagerNotifier;

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* kUrl = "notify: {alertmanager: {urls: 'http://am:9093/'}}";

class AlertmanagerTest : public ::testing::Test {
 protected:
  std::vector<std::unique_ptr<Notifier>> MakeAll(const std::string& yaml) {
    config_ = std::make_unique<TestConfig>(yaml);
    auto all = kAlertmanagerNotifier.make(config_->At("notify.alertmanager"), context_);
    problems_ = config_->Problems();
    return all;
  }
  std::unique_ptr<Notifier> Make(const std::string& yaml = kUrl) {
    auto all = MakeAll(yaml);
    EXPECT_EQ(problems_, "");
    EXPECT_THAT(all, SizeIs(1));
    return std::move(all.at(0));
  }
  // What a post of these anomalies carried.
  Json Post(Notifier& notifier, std::vector<Anomaly> anomalies) {
    const auto sent = notifier.Send({"key", std::move(anomalies), clock_.Now()}, {});
    EXPECT_TRUE(sent.has_value()) << sent.error().message;
    return Json::parse(http_.sent().back().request.body);
  }
  Json PostOne(Anomaly anomaly) {
    const auto notifier = Make();
    auto posted = Post(*notifier, {std::move(anomaly)});
    EXPECT_THAT(posted, SizeIs(1));
    return posted.at(0);
  }
  Error Refusal(const std::string& yaml, HttpResponse response) {
    answer_ = std::move(response);
    const auto notifier = Make(yaml);
    const auto sent = notifier->Send({"key", {Learned()}, kNow}, {});
    EXPECT_FALSE(sent.has_value());
    return sent.has_value() ? Error{} : sent.error();
  }

  Result<HttpResponse> answer_ = HttpResponse{.status = 200};
  FakeHttpClient http_{[this](const HttpEndpoint&, const HttpRequest&) { return answer_; }};
  ManualClock clock_{kNow};
  NotifierContext context_{clock_, http_, "https://aiops.home", {}, *TimeZone::Open("UTC")};
  std::unique_ptr<TestConfig> config_;
  std::string problems_;
};

TEST_F(AlertmanagerTest, WithoutUrlsThereIsNone) {
  EXPECT_THAT(MakeAll(""), IsEmpty());
  EXPECT_EQ(problems_, "");
}

TEST_F(AlertmanagerTest, EveryMemberHasANotifierOfItsOwn) {
  const auto all =
      MakeAll("notify: {alertmanager: {urls: ['http://a:9093', 'http://u:p@b:9093/am/']}}");
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0]->name(), "alertmanager/http://a:9093");
  EXPECT_EQ(all[1]->name(), "alertmanager/http://b:9093/am");
  EXPECT_EQ(all[0]->kind(), ReceiverKind::kLevel);
  EXPECT_EQ(all[0]->resend_interval(), minutes(1));
}

TEST_F(AlertmanagerTest, RefusesWhatIsNoUrlAndWhatIsThereTwice) {
  MakeAll("notify: {alertmanager: {urls: ['am:9093']}}");
  EXPECT_THAT(problems_, HasSubstr("notify.alertmanager.urls"));
  MakeAll("notify: {alertmanager: {urls: ['http://a', 'http://a/']}}");
  EXPECT_THAT(problems_, HasSubstr("twice"));
  MakeAll("notify: {alertmanager: {urls: ['http://a'], resend_interval: 1h}}");
  EXPECT_THAT(problems_, HasSubstr("resend_interval"));
}

TEST_F(AlertmanagerTest, PostsToTheSecondVersionOfTheApi) {
  PostOne(Learned());
  const auto sent = http_.sent().back();
  EXPECT_EQ(sent.endpoint.base_url, "http://am:9093");
  EXPECT_EQ(sent.request.method, "POST");
  EXPECT_EQ(sent.request.path, "/api/v2/alerts");
  EXPECT_EQ(sent.request.content_type, "application/json");
  EXPECT_EQ(sent.request.timeout, seconds(5));
}

TEST_F(AlertmanagerTest, SendsCredentialsAndHeaders) {
  Make(
      "notify: {alertmanager: {urls: 'http://am', basic_auth: {username: u, password: p},"
      " headers: {X-Scope-OrgID: home}, tls: {server_name: am.home}, timeout: 2s}}")
      ->Send({"key", {Learned()}, kNow}, {})
      .value();
  const auto sent = http_.sent().back();
  EXPECT_EQ(sent.endpoint.basic_user, "u");
  EXPECT_EQ(sent.endpoint.basic_password.Reveal(), "p");
  ASSERT_THAT(sent.endpoint.headers, SizeIs(1));
  EXPECT_EQ(sent.endpoint.headers[0].second.Reveal(), "home");
  EXPECT_EQ(sent.endpoint.tls.server_name, "am.home");
  EXPECT_EQ(sent.request.timeout, seconds(2));
}

TEST_F(AlertmanagerTest, AnOpenAnomalyIsOneWholeAlert) {
  EXPECT_EQ(PostOne(Learned()), Json::parse(R"({
    "labels": {"alertname": "AiopsAnomaly", "severity": "warning", "entity": "nas",
               "scope": "server", "kind": "learned", "rack": "r1"},
    "annotations": {
      "summary": "request_rate is far above what is usual",
      "description": "request_rate is 830 requests/s, expected 12 requests/s (3.1 requests/s to 25 requests/s); network_tx is 5.25 MB/s, expected 120 kB/s; cpu_percent is 93.3 %",
      "anomaly_id": "7",
      "link": "https://aiops.home/anomalies/7"},
    "startsAt": "2023-11-14T22:03:20Z",
    "endsAt": "2023-11-14T22:17:20Z",
    "generatorURL": "https://aiops.home/anomalies/7"})"));
}

TEST_F(AlertmanagerTest, DescribesNothingThatIsWithinItsBandAsADeviation) {
  Anomaly a = Learned();
  const auto description = [&] {
    return alertmanager::MakeAlert(a, {}).annotations.at("description");
  };
  a.contributions[0].value = 20;  // of 3.1 to 25
  EXPECT_THAT(description(), testing::StartsWith("network_tx is"));
  a.contributions.resize(1);
  EXPECT_THAT(description(), testing::HasSubstr("combination of values that are usual"));
}

TEST_F(AlertmanagerTest, AFactHasItsOwnNameAndObject) {
  const auto alert = PostOne(Down("nextcloud-db"));
  EXPECT_EQ(alert["labels"], Json::parse(R"({
    "alertname": "AiopsContainerDown", "severity": "critical", "entity": "nas",
    "scope": "server", "kind": "fact", "object": "nextcloud-db"})"));
  EXPECT_EQ(alert["annotations"]["description"],
            "container_down of nextcloud-db since 2023-11-14T22:03:20Z");
}

TEST_F(AlertmanagerTest, LabelsDoNotChangeWithinAnEpisode) {
  const auto notifier = Make();
  const auto first = Post(*notifier, {Learned()});
  auto later = Learned();
  later.score = 9;
  later.contributions.erase(later.contributions.begin());
  later.summary = "another";
  later.last_seen_at += minutes(5);
  clock_.Advance(minutes(1));
  const auto second = Post(*notifier, {later});
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(first[0]["labels"], second[0]["labels"]);
  EXPECT_EQ(first[0]["startsAt"], second[0]["startsAt"]);
  EXPECT_EQ(second[0]["endsAt"], "2023-11-14T22:18:20Z");
}

TEST_F(AlertmanagerTest, ADeadDaemonsAlertsLiveThreeMinutesAtLeast) {
  const auto notifier = Make("notify: {alertmanager: {urls: 'http://am', resend_interval: 2s}}");
  EXPECT_EQ(Post(*notifier, {Learned()})[0]["endsAt"], "2023-11-14T22:16:20Z");
}

TEST_F(AlertmanagerTest, AClosedAnomalyEndsWhenItEnded) {
  EXPECT_EQ(PostOne(Closed(Learned(), kNow - minutes(2)))["endsAt"], "2023-11-14T22:11:20Z");
}

TEST_F(AlertmanagerTest, AnEndBeforeTheStartIsTheStart) {
  EXPECT_EQ(PostOne(Closed(Learned(), kStart - hours(1)))["endsAt"], "2023-11-14T22:03:20Z");
}

TEST_F(AlertmanagerTest, AnEscalationClosesTheOldAndOpensTheNewInOnePost) {
  const auto notifier = Make();
  Post(*notifier, {Learned()});
  clock_.Advance(minutes(1));
  const auto posted = Post(*notifier, {Learned(7, Severity::kCritical)});
  ASSERT_THAT(posted, SizeIs(2));
  EXPECT_EQ(posted[0]["labels"]["severity"], "warning");
  EXPECT_EQ(posted[0]["endsAt"], "2023-11-14T22:14:20Z");
  EXPECT_EQ(posted[1]["labels"]["severity"], "critical");
  EXPECT_EQ(posted[1]["endsAt"], "2023-11-14T22:18:20Z");
}

TEST_F(AlertmanagerTest, TheOldSeveritysEndIsRepeatedForFiveMinutes) {
  const auto notifier = Make();
  Post(*notifier, {Learned()});
  const auto critical = Learned(7, Severity::kCritical);
  const auto end = Post(*notifier, {critical})[0]["endsAt"];
  clock_.Advance(minutes(5) - seconds(1));
  const auto posted = Post(*notifier, {critical});
  ASSERT_THAT(posted, SizeIs(2));
  EXPECT_EQ(posted[0]["endsAt"], end);
  clock_.Advance(seconds(1));
  EXPECT_THAT(Post(*notifier, {critical}), SizeIs(1));
}

TEST_F(AlertmanagerTest, AnEscalationThatCouldNotBePostedIsRepeated) {
  const auto notifier = Make();
  Post(*notifier, {Learned()});
  answer_ = Unavailable("refused");
  const auto critical = Learned(7, Severity::kCritical);
  EXPECT_FALSE(notifier->Send({"key", {critical}, kNow}, {}));
  answer_ = HttpResponse{.status = 200};
  clock_.Advance(minutes(1));
  EXPECT_THAT(Post(*notifier, {critical}), SizeIs(2));
}

TEST_F(AlertmanagerTest, AnEscalationThatClosedBetweenTwoPostsEndsBoth) {
  const auto notifier = Make();
  Post(*notifier, {Learned()});
  clock_.Advance(minutes(2));
  const auto posted = Post(*notifier, {Closed(Learned(7, Severity::kCritical), kNow + minutes(1))});
  ASSERT_THAT(posted, SizeIs(2));
  EXPECT_EQ(posted[0]["endsAt"], "2023-11-14T22:14:20Z");
  EXPECT_EQ(posted[1]["endsAt"], "2023-11-14T22:14:20Z");
}

TEST_F(AlertmanagerTest, ANewEpisodeIsNotEndedByTheOldOne) {
  const auto notifier = Make();
  const auto old = Closed(Learned(7), kNow - minutes(1));
  for (const bool old_first : {true, false}) {
    const auto posted =
        old_first ? Post(*notifier, {old, Learned(9)}) : Post(*notifier, {Learned(9), old});
    ASSERT_THAT(posted, SizeIs(1));
    EXPECT_EQ(posted[0]["annotations"]["anomaly_id"], "9");
    EXPECT_EQ(posted[0]["endsAt"], "2023-11-14T22:17:20Z");
  }
}

TEST_F(AlertmanagerTest, ANewWarningIsNotEndedByAnEscalatedOne) {
  const auto notifier = Make();
  Post(*notifier, {Learned(7)});
  Post(*notifier, {Learned(7, Severity::kCritical)});
  clock_.Advance(minutes(1));
  const auto posted = Post(*notifier, {Closed(Learned(7, Severity::kCritical), kNow), Learned(9)});
  ASSERT_THAT(posted, SizeIs(2));
  EXPECT_EQ(posted[1]["labels"]["severity"], "warning");
  EXPECT_EQ(posted[1]["endsAt"], "2023-11-14T22:18:20Z");
}

TEST_F(AlertmanagerTest, WithNothingToTellNothingIsSent) {
  const auto notifier = Make();
  EXPECT_TRUE(notifier->Send({"key", {}, kNow}, {}));
  EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(AlertmanagerTest, UserLabelsWinOverTheEntitysAndLoseAgainstOurs) {
  context_.labels = {{"team", "home"}, {"rack", "mine"}, {"severity", "none"}};
  const auto labels = PostOne(Learned())["labels"];
  EXPECT_EQ(labels["team"], "home");
  EXPECT_EQ(labels["rack"], "mine");
  EXPECT_EQ(labels["severity"], "warning");
}

TEST_F(AlertmanagerTest, HostileLabelsAreMadeSafe) {
  auto anomaly = Down("db\n\x1b[2J\xff");
  anomaly.key.entity = std::string(5000, 'e');
  anomaly.labels = {
      {"0-bad name\"", "v"}, {"empty", ""}, {"", "nameless"}, {"alertname", "Forged"}};
  const auto labels = PostOne(anomaly)["labels"];
  EXPECT_EQ(labels["object"], "db  [2J\xef\xbf\xbd");
  EXPECT_LE(labels["entity"].get<std::string>().size(), kMaxLabelBytes);
  EXPECT_EQ(labels["_0_bad_name_"], "v");
  EXPECT_FALSE(labels.contains("empty"));
  EXPECT_FALSE(labels.contains(""));
  EXPECT_EQ(labels["alertname"], "AiopsContainerDown");
}

TEST_F(AlertmanagerTest, ManyLabelsCannotPushOursOut) {
  auto anomaly = Learned();
  anomaly.labels.clear();
  for (int i = 0; i < 1000; ++i) anomaly.labels.emplace_back("a" + std::to_string(i), "x");
  const auto labels = PostOne(anomaly)["labels"];
  EXPECT_EQ(labels.size(), 64u);
  EXPECT_EQ(labels["severity"], "warning");
}

TEST_F(AlertmanagerTest, TheRootCauseIsTextOnly) {
  auto anomaly = Learned();
  anomaly.root_cause =
      R"({"root_cause": "disk full\u0007", "severity": "critical", "link": "http://evil"})";
  const auto alert = PostOne(anomaly);
  EXPECT_EQ(alert["annotations"]["root_cause"], "disk full ");
  EXPECT_EQ(alert["labels"]["severity"], "warning");
  EXPECT_EQ(alert["annotations"]["link"], "https://aiops.home/anomalies/7");
}

TEST_F(AlertmanagerTest, OneOfManySaysSo) {
  auto anomaly = Learned();
  EXPECT_FALSE(PostOne(anomaly)["annotations"].contains("group"));
  anomaly.group = "214 of 3,000 entities, all az=\"b\"";
  EXPECT_EQ(PostOne(anomaly)["annotations"]["group"], anomaly.group);
}

TEST_F(AlertmanagerTest, ABrokenAnalysisIsLeftOut) {
  for (const char* text : {"not json", "[1]", R"({"root_cause": 5})", "{"}) {
    auto anomaly = Learned();
    anomaly.root_cause = text;
    EXPECT_FALSE(PostOne(anomaly)["annotations"].contains("root_cause")) << text;
  }
}

TEST_F(AlertmanagerTest, WithoutAnExternalUrlThereIsNoLink) {
  context_.external_url.clear();
  const auto alert = PostOne(Learned());
  EXPECT_FALSE(alert.contains("generatorURL"));
  EXPECT_FALSE(alert["annotations"].contains("link"));
}

TEST_F(AlertmanagerTest, APartialSuccessIsAnErrorThatSaysSo) {
  const auto error = Refusal(kUrl, {.status = 400, .body = "\"invalid label set\"\n"});
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("refused some, stored the valid ones"));
  EXPECT_THAT(error.message, HasSubstr("invalid label set"));
  EXPECT_THAT(error.message, HasSubstr("alertmanager/http://am:9093"));
}

TEST_F(AlertmanagerTest, TheStatusTellsTheKind) {
  const std::vector<std::pair<int, ErrorKind>> kinds{
      {401, ErrorKind::kUnauthorized},    {403, ErrorKind::kUnauthorized},
      {404, ErrorKind::kNotFound},        {415, ErrorKind::kInvalidArgument},
      {422, ErrorKind::kInvalidArgument}, {429, ErrorKind::kRateLimited},
      {500, ErrorKind::kUnavailable},     {503, ErrorKind::kUnavailable}};
  for (const auto& [status, kind] : kinds)
    EXPECT_EQ(Refusal(kUrl, {.status = status}).kind, kind) << status;
}

TEST_F(AlertmanagerTest, AFailedTransferIsPassedOn) {
  answer_ = Timeout("no answer within 5s");
  const auto sent = Make()->Send({"key", {Learned()}, kNow}, {});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().kind, ErrorKind::kTimeout);
}

TEST_F(AlertmanagerTest, AStopIsPassedOn) {
  std::stop_source stop;
  stop.request_stop();
  const auto sent = Make()->Send({"key", {Learned()}, kNow}, stop.get_token());
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().kind, ErrorKind::kCancelled);
}

TEST_F(AlertmanagerTest, NoSecretReachesAnError) {
  const auto basic =
      "notify: {alertmanager: {urls: 'http://user:hunter2@am', headers: {X-Key: s3cret-key},"
      " basic_auth: {username: u, password: s3cret-pass}}}";
  const auto bearer = "notify: {alertmanager: {urls: 'http://am', bearer_token: s3cret-token}}";
  const std::string echo = std::string(180, '.') + "s3cret-pass s3cret-key s3cret-token";
  for (const auto* yaml : {basic, bearer})
    for (const int status : {400, 401, 403, 500}) {
      const auto error = Refusal(yaml, {.status = status, .body = echo});
      if (yaml == basic) {
        EXPECT_THAT(error.message, Not(HasSubstr("s3cret-p"))) << status;
        EXPECT_THAT(error.message, Not(HasSubstr("s3cret-k"))) << status;
        EXPECT_THAT(error.message, Not(HasSubstr("hunter2"))) << status;
      } else {
        EXPECT_THAT(error.message, Not(HasSubstr("s3cret-t"))) << status;
      }
    }
}

TEST_F(AlertmanagerTest, NoCredentialsReachANameOrAPayload) {
  context_.labels = {{"team", "home"}};
  Make("notify: {alertmanager: {urls: 'http://am', bearer_token: s3cret-token}}")
      ->Send({"key", {Learned()}, kNow}, {})
      .value();
  EXPECT_THAT(http_.sent().back().request.body, Not(HasSubstr("s3cret")));
}

TEST(AlertmanagerLabelName, FitsEveryVersion) {
  EXPECT_EQ(alertmanager::LabelName("rack"), "rack");
  EXPECT_EQ(alertmanager::LabelName("9lives"), "_9lives");
  EXPECT_EQ(alertmanager::LabelName("a.b/c-d"), "a_b_c_d");
  EXPECT_EQ(alertmanager::LabelName("\xc3\xa9"), "__");
  EXPECT_EQ(alertmanager::LabelName(""), "");
}

}  // namespace
}  // namespace aiops
