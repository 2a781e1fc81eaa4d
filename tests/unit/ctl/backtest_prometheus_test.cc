// The backtest on a Prometheus: a scripted server with a known incident, from the question to the
// report.
#include "ctl/backtest_prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/log.h"
#include "ctl_harness.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Time kNow = FromUnixMillis(1'700'006'400'000);
constexpr Time kBegin = kNow - hours(24 * 8);
constexpr Time kIncident = kNow - hours(8);
constexpr Duration kIncidentLasts = minutes(20);
constexpr const char* kHostile = "<script>alert(1)</script>\"'&\xE2\x80\xAE";

// Between -1 and 1, the same at every call.
double Noise(std::int64_t minute, int feature) {
  auto x = static_cast<std::uint64_t>(minute) * 0x9E3779B97F4A7C15ull +
           static_cast<std::uint64_t>(feature) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return static_cast<double>((x ^ (x >> 31)) >> 11) / 4503599627370496.0 - 1;
}

double ValueAt(Time t, int feature) {
  const auto minute = UnixMillis(t) / 60'000;
  const double day = std::sin(2 * M_PI * static_cast<double>(minute % 1440) / 1440);
  const bool bad = t >= kIncident && t < kIncident + kIncidentLasts;
  return 50 + 10 * day + 3 * Noise(minute, feature) + (bad ? 40 : 0);
}

std::string Field(const std::string& form, const std::string& name) {
  const auto at = ("&" + form).find("&" + name + "=");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 1;
  return form.substr(begin, form.find('&', begin) - begin);
}

Time TimeField(const std::string& form, const std::string& name) {
  const std::string text = Field(form, name);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return FromUnixMillis(std::llround(value * 1000));
}

class BacktestPrometheus : public testing::Test {
 protected:
  void SetUp() override {
    options_.url = "http://prom:9090";
    ASSERT_TRUE(SetUpLog("error", "logfmt"));
    // Noise is told now and then; what is sought here is not noise.
    options_.config = Write("aiops.yml", "detect: {sensitivity: low}\n");
    options_.from = "24h";
    options_.cache = folder_ + "/cache";
    options_.pause = "0s";
    options_.json = true;
  }

  // A configuration with two features of one scope by host.
  std::string Write(const std::string& name, const std::string& more) {
    std::ofstream(folder_ + "/" + name)
        << "timezone: UTC\n"
        << more
        << "scopes:\n  web:\n    entity_labels: [host]\n    features:\n"
           "      f0: {source: prometheus, expr: f0, unit: '%'}\n"
           "      f1: {source: prometheus, expr: f1}\n"
           "      f2: {source: host, expr: cpu_percent}\n";
    return folder_ + "/" + name;
  }

  HttpResponse Answer(const HttpRequest& request) const {
    const std::string metric = nlohmann::json{{"host", host_}}.dump();
    if (request.path == "/api/v1/query")
      return {.status = 200,
              .body = R"({"status":"success","data":{"resultType":"vector","result":[{"metric":)" +
                      metric + R"(,"value":[1,"1"]}]}})"};
    std::string values;
    const int feature = Field(request.body, "query") == "f1" ? 1 : 0;
    for (Time t = TimeField(request.body, "start"); t <= TimeField(request.body, "end");
         t += minutes(1)) {
      if (t < begin_) continue;
      values += (values.empty() ? "[" : ",[") + std::to_string(UnixMillis(t) / 1000) + ",\"" +
                std::to_string(ValueAt(t, feature)) + "\"]";
    }
    const std::string series =
        values.empty() ? "" : R"({"metric":)" + metric + R"(,"values":[)" + values + "]}";
    return {.status = 200,
            .body = R"({"status":"success",)" + remark_ +
                    R"("data":{"resultType":"matrix","result":[)" + series + "]}}"};
  }

  Result<void> Run() {
    out_.str("");
    err_.str("");
    return RunPrometheusBacktest(options_, clock_, http_, stop_.get_token(), out_, err_);
  }
  nlohmann::json Json() {
    const auto done = Run();
    EXPECT_TRUE(done) << done.error().message;
    return nlohmann::json::parse(out_.str(), nullptr, false);
  }
  std::string Problem() {
    const auto done = Run();
    return done ? "" : done.error().message;
  }
  size_t Ranges() const {
    size_t n = 0;
    for (const auto& sent : http_.sent()) n += sent.request.path == "/api/v1/query_range" ? 1 : 0;
    return n;
  }
  static std::string Read(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
  std::string host_ = "shop";
  std::string remark_;
  Time begin_ = kBegin;
  std::function<Result<HttpResponse>(const HttpRequest&)> handler_ =
      [this](const HttpRequest& request) { return Result<HttpResponse>(Answer(request)); };
  FakeHttpClient http_{
      [this](const HttpEndpoint&, const HttpRequest& request) { return handler_(request); }};
  ManualClock clock_{kNow};
  std::stop_source stop_;
  std::ostringstream out_, err_;
  PrometheusBacktest options_;
};

TEST_F(BacktestPrometheus, FindsTheIncidentAndIsQuietElsewhere) {
  const auto report = Json();
  ASSERT_THAT(report["episodes"], SizeIs(1)) << report["headline"];
  const auto& episode = report["episodes"][0];
  EXPECT_EQ(episode["entity"], "shop");
  const Time started = *ParseTime(episode["started_at"].get<std::string>());
  EXPECT_GE(started, kIncident);
  EXPECT_LE(started, kIncident + minutes(3));
  EXPECT_THAT(episode["contributions"], SizeIs(2));
  EXPECT_EQ(report["critical"].get<int>() + report["warning"].get<int>(), 1);
  EXPECT_GE(report["messages"], 1);
  EXPECT_LE(report["messages"], 2);  // a WARNING, and the CRITICAL that it became
  EXPECT_EQ(report["samples"], 1440);
  EXPECT_EQ(report["unknown"], 0);
  EXPECT_TRUE(report["entities"][0]["model"]["trusted"]);
  EXPECT_THAT(report["notes"], IsEmpty());
}

TEST_F(BacktestPrometheus, SaysBeforehandWhatItWillRead) {
  const auto report = Json();
  // 15 days and the begun piece before them, in pieces of 2,000 minutes, of two features.
  EXPECT_EQ(report["reading"]["queries"], Ranges());
  EXPECT_EQ(report["reading"]["sent"], Ranges());
  EXPECT_GE(report["reading"]["points"], 2 * 15 * 1440);
  EXPECT_LE(report["reading"]["points"], 2 * (15 * 1440 + 2000));
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("Reading up to "), HasSubstr(" points in "),
                    HasSubstr(" queries from http://prom:9090"), HasSubstr("one at a time")));
  for (const auto& sent : http_.sent())
    EXPECT_THAT(sent.request.body, Not(HasSubstr("cpu_percent")));  // not Prometheus's
}

TEST_F(BacktestPrometheus, TheJsonHasItsMembers) {
  const auto report = Json();
  std::vector<std::string> names;
  for (const auto& [name, value] : report.items()) names.push_back(name);
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("url", "configuration", "from", "to", "data_from",
                                            "train_from", "train_until", "headline", "critical",
                                            "warning", "messages", "samples", "unknown", "log_only",
                                            "episodes", "gates", "entities", "notes", "reading"));
  EXPECT_EQ(report["from"], FormatTime(kNow - hours(24)));
  EXPECT_EQ(report["train_until"], report["from"]);
  EXPECT_EQ(report["entities"][0]["present"]["f0"], 1440);
}

TEST_F(BacktestPrometheus, TheTableIsForPeople) {
  options_.json = false;
  ASSERT_TRUE(Run());
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("The last 24 hours with this configuration: 1 "), HasSubstr("TIME"),
                    HasSubstr("f0 "), HasSubstr("expected"), HasSubstr("Entities")));
}

TEST_F(BacktestPrometheus, AnInterruptedRunGoesOn) {
  size_t left = 6;  // of the range queries
  handler_ = [&](const HttpRequest& request) -> Result<HttpResponse> {
    if (request.path == "/api/v1/query_range" && left-- == 0) return Unavailable("gone");
    return Answer(request);
  };
  EXPECT_THAT(Problem(), HasSubstr("what was read is kept: run it again to go on"));
  const size_t before = Ranges();
  EXPECT_THAT(err_.str(), Not(HasSubstr("known")));
  handler_ = [&](const HttpRequest& request) -> Result<HttpResponse> { return Answer(request); };
  const auto report = Json();
  EXPECT_THAT(err_.str(), HasSubstr("; of them 12000 points in 6 queries are known; answers"));
  EXPECT_EQ(Ranges() - before, report["reading"]["queries"].get<size_t>() - 6);
  EXPECT_THAT(report["episodes"], SizeIs(1));
  options_.cache = "";
  const size_t with = Ranges();
  EXPECT_EQ(Json()["episodes"], report["episodes"]);
  EXPECT_EQ(Ranges() - with, report["reading"]["queries"].get<size_t>());
}

TEST_F(BacktestPrometheus, CtrlCEndsIt) {
  handler_ = [&](const HttpRequest& request) -> Result<HttpResponse> {
    stop_.request_stop();
    return Answer(request);
  };
  EXPECT_EQ(Problem(), "stopped; what was read is kept: run it again to go on");
}

TEST_F(BacktestPrometheus, WhatIsPartialNeverTrains) {
  remark_ = R"("isPartial":true,)";
  const auto report = Json();
  EXPECT_EQ(report["entities"][0]["model"]["rows"], 0);
  EXPECT_THAT(report["notes"].dump(), AllOf(HasSubstr("partial answer"), HasSubstr("no model")));
}

TEST_F(BacktestPrometheus, LittleHistoryIsSaid) {
  begin_ = kNow - hours(25);
  EXPECT_THAT(Json()["notes"].dump(), AllOf(HasSubstr("no model for shop: fewer than 256 usable"),
                                            HasSubstr("Begin later (--from)")));
  begin_ = kNow - hours(36);
  options_.cache = "";
  EXPECT_THAT(Json()["notes"].dump(), HasSubstr("less than six days"));
  begin_ = kNow - hours(24 * 4);  // enough for a trial of fourteen hours
  EXPECT_THAT(Json()["notes"].dump(), Not(HasSubstr("less than six days")));
}

TEST_F(BacktestPrometheus, ARangeBeforeTheHistoryIsSaid) {
  options_.from = "20d";
  const auto report = Json();
  EXPECT_EQ(report["data_from"], FormatTime(kBegin));
  EXPECT_THAT(report["headline"].get<std::string>(),
              HasSubstr("The last 8 days, all that there is of the 20 days asked for, with"));
  EXPECT_THAT(report["notes"].dump(),
              AllOf(HasSubstr("there is no value before Tue 2023-11-07 00:00"),
                    HasSubstr("of shop were judged without a model")));
  const size_t without = report["entities"][0]["model"]["without"];
  EXPECT_GT(without, 1440u);  // to the first training of the schedule
  EXPECT_LT(without, report["samples"].get<size_t>());
  options_.json = false;
  ASSERT_TRUE(Run());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("; no history to train on, judged from Tue"),
                                HasSubstr(" samples, none in the first ")));
}

TEST_F(BacktestPrometheus, SaysHowMuchTrained) {
  options_.json = false;
  ASSERT_TRUE(Run());
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("; trained on the 7 days before "), Not(HasSubstr("none in"))));
}

TEST_F(BacktestPrometheus, ThePageLoadsNothingAndEscapesEverything) {
  host_ = kHostile;
  options_.html = folder_ + "/report.html";
  ASSERT_EQ(Json()["episodes"].size(), 1u);
  const std::string page = Read(options_.html);
  EXPECT_THAT(page, AllOf(HasSubstr("<svg"), HasSubstr("&lt;script&gt;alert(1)"),
                          HasSubstr("class=\"band\""), HasSubstr("prefers-color-scheme: dark"),
                          HasSubstr("<a href=\"#e0\">"), HasSubstr("id=\"e0\"")));
  for (const char* forbidden : {"<script", "src=", "href=\"h", "href=\"/", "url(", "@import",
                                "<link", "<img", "<iframe", "onload", "\xE2\x80\xAE"})
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
}

TEST_F(BacktestPrometheus, TwoConfigurationsSideBySide) {
  options_.compare =
      Write("deaf.yml",
            "detect: {calibrated: {without: [shift, breadth, jump, season, forest, burst]}}\n");
  options_.html = folder_ + "/report.html";
  const auto report = Json();
  EXPECT_THAT(report["a"]["episodes"], SizeIs(1));
  EXPECT_THAT(report["b"]["episodes"], IsEmpty());
  EXPECT_EQ(report["only_a"], nlohmann::json::array({report["a"]["episodes"][0]["id"]}));
  EXPECT_THAT(report["only_b"], IsEmpty());
  EXPECT_EQ(report["both"], 0);
  EXPECT_EQ(report["b"]["reading"]["sent"], 0);  // the same questions
  EXPECT_THAT(err_.str(),
              HasSubstr(" in " + report["b"]["reading"]["queries"].dump() + " queries are known"));
  const std::string page = Read(options_.html);
  EXPECT_THAT(page, AllOf(HasSubstr("Only in A"), HasSubstr("A: web / shop"),
                          HasSubstr("B: web / shop"), HasSubstr("id=\"a0\"")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"c0\"")));  // a card is shown once
  options_.json = false;
  ASSERT_TRUE(Run());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Only in A: 1"), HasSubstr("Only in B: nothing")));
}

TEST_F(BacktestPrometheus, CredentialsGoOnlyToTheConfiguredUrl) {
  options_.config = Write("secret.yml",
                          "collect: {prometheus: {url: 'http://prom:9090/', bearer_token: hush, "
                          "headers: {X-Scope-OrgID: home}}}\n");
  options_.url = "";
  Json();
  EXPECT_EQ(http_.sent().back().endpoint.bearer_token.Reveal(), "hush");
  EXPECT_THAT(http_.sent().back().endpoint.headers, SizeIs(1));
  EXPECT_EQ(http_.sent().back().endpoint.base_url, "http://prom:9090");
  options_.url = "http://stranger:9090";
  Json();
  EXPECT_TRUE(http_.sent().back().endpoint.bearer_token.empty());
  EXPECT_THAT(http_.sent().back().endpoint.headers, IsEmpty());
  for (const auto& file : std::filesystem::directory_iterator(options_.cache))
    EXPECT_EQ(Read(file.path()).find("hush"), std::string::npos);
}

TEST_F(BacktestPrometheus, EveryErrorSaysWhatToDo) {
  const auto answer = [&](int status, const std::string& body) {
    handler_ = [=](const HttpRequest&) { return HttpResponse{.status = status, .body = body}; };
  };
  handler_ = [](const HttpRequest&) -> Result<HttpResponse> {
    return Unavailable("POST http://prom:9090/api/v1/query: connection refused");
  };
  EXPECT_THAT(Problem(), HasSubstr("is Prometheus running, and is http://prom:9090 its address?"));
  answer(401, "");
  EXPECT_THAT(Problem(), HasSubstr("set basic_auth, bearer_token_file or headers"));
  answer(404, "no such page");
  EXPECT_THAT(Problem(), HasSubstr("is a path prefix missing"));
  answer(400, R"({"status":"error","errorType":"bad_data","error":"1:4: parse error"})");
  EXPECT_THAT(Problem(), AllOf(HasSubstr("feature f0: "), HasSubstr("parse error"),
                               HasSubstr("correct its expr")));
  answer(200, R"({"status":"success","data":{"resultType":"vector","result":[]}})");
  EXPECT_THAT(Problem(), HasSubstr("not what Prometheus answers"));  // to a range query
}

TEST_F(BacktestPrometheus, AnEmptyHistoryIsAnError) {
  begin_ = kNow + hours(1);
  EXPECT_THAT(Problem(), AllOf(HasSubstr("has no value of any feature"), HasSubstr("retention")));
}

TEST_F(BacktestPrometheus, SeveralSeriesOfOneEntityAreSaidBeforeReading) {
  std::ofstream(folder_ + "/many.yml")
      << "scopes: {own: {features: {f0: {source: prometheus, expr: f0}}}}\n";
  options_.config = folder_ + "/many.yml";
  handler_ = [](const HttpRequest&) {
    return HttpResponse{
        .status = 200,
        .body = R"({"status":"success","data":{"resultType":"vector","result":[)"
                R"({"metric":{"i":"a"},"value":[1,"1"]},{"metric":{"i":"b"},"value":[1,"1"]}]}})"};
  };
  EXPECT_EQ(Problem(),
            "feature f0: the query returns 2 series but the scope has no entity_labels: aggregate "
            "them, or name the labels");
  EXPECT_EQ(Ranges(), 0u);
}

TEST_F(BacktestPrometheus, MachinesThatAreTakenTogetherAreCounted) {
  std::string machines = "2";
  handler_ = [&](const HttpRequest& request) -> Result<HttpResponse> {
    if (request.path != "/api/v1/query" ||
        request.body.find("MemTotal_bytes%29%29") == std::string::npos)
      return Answer(request);
    return HttpResponse{.status = 200,
                        .body = R"({"status":"success","data":{"resultType":"vector","result":[)"
                                R"({"metric":{},"value":[1,")" +
                                machines + R"("]}]}})"};
  };
  EXPECT_THAT(Json()["notes"].dump(), Not(HasSubstr("instances")));  // none is a shipped feature
  std::ofstream(folder_ + "/shipped.yml") << "timezone: UTC\n";
  options_.config = folder_ + "/shipped.yml";
  EXPECT_THAT(Json()["notes"].dump(),
              AllOf(HasSubstr("2 instances of node_exporter"), HasSubstr("Several hosts")));
  machines = "1";
  EXPECT_THAT(Json()["notes"].dump(), Not(HasSubstr("instances")));
}

TEST_F(BacktestPrometheus, TooMuchIsRefusedUnlessWanted) {
  options_.limit = 1000;
  EXPECT_THAT(Problem(), HasSubstr("more than --limit 1000: choose a shorter range"));
  EXPECT_EQ(Ranges(), 0u);
  options_.yes = true;
  EXPECT_EQ(Problem(), "");
}

TEST_F(BacktestPrometheus, RangesThatMakeNoSenseAreRefused) {
  options_.from = "soon";
  EXPECT_THAT(Problem(), HasSubstr("--from: found 'soon'"));
  options_.from = "1h";
  options_.to = "2h";
  EXPECT_THAT(Problem(), HasSubstr("must lie before --to"));
  options_.to = "now";
  options_.train_until = "30m";
  EXPECT_THAT(Problem(), HasSubstr("must not have seen what it judges"));
  options_.train_until = "";
  options_.train_for = "0s";
  EXPECT_THAT(Problem(), HasSubstr("--train-for"));
  options_.train_for = "14d";
  options_.url = "prom:9090";
  EXPECT_THAT(Problem(), HasSubstr("want http://host:port"));
  options_.url = "";
  EXPECT_THAT(Problem(), HasSubstr("give --prometheus http://localhost:9090"));
  EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(BacktestPrometheus, AConfigurationWithoutPrometheusHasNoHistory) {
  std::ofstream(folder_ + "/host.yml")
      << "scopes: {own: {features: {cpu: {source: host, expr: cpu_percent}}}}\n";
  options_.config = folder_ + "/host.yml";
  EXPECT_THAT(Problem(), HasSubstr("has no feature from Prometheus"));
}

TEST(BacktestUsage, OneOfTheTwoIsWanted) {
  const CtlRun neither({"backtest"});
  EXPECT_EQ(neither.code, 2);
  EXPECT_THAT(neither.err, HasSubstr("want --prometheus URL, or --csv FILE"));
  EXPECT_EQ(CtlRun({"backtest", "--csv", "a", "--prometheus"}).code, 2);
  EXPECT_EQ(CtlRun({"backtest", "--csv", "a", "--out", "-", "--from", "7d"}).code, 2);
  EXPECT_THAT(CtlRun({"backtest", "--csv", "a"}).err, HasSubstr("--out"));
  const CtlRun wrong({"backtest", "--prometheus", "localhost:9090", "--cache", ""});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("want http://host:port"));
  const CtlRun help({"backtest", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("aiopsctl backtest --prometheus http://localhost:9090"));
}

}  // namespace
}  // namespace aiops
