#include "web/server.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "fakes/manual_clock.h"
#include "raw_http.h"
#include "sample_view.h"
#include "web/api.h"

namespace aiops {
namespace {

using nlohmann::json;

class WebServerTest : public testing::Test {
 protected:
  WebServerTest() : clock_(kViewTime), store_(*Store::Open({}, clock_)) {
    view_.Set(SampleView());
    WebOptions options;
    options.listen_address = "127.0.0.1:0";
    options.max_connections = 4;
    options.policy.external_url = "https://aiops.example.org/x";
    options.policy.allowed_hosts = {"aiops"};
    server_ = *WebServer::Open(options, {clock_, view_, commands_, *store_});
  }

  RawAnswer Ask(const std::string& method, const std::string& target,
                const std::string& headers = "", const std::string& body = "") {
    return aiops::Ask(server_->port(), method, target, headers, body);
  }

  // Of a list, in its order: "321".
  std::string Ids(const std::string& list, const std::string& query) {
    std::string out;
    const json answer = json::parse(Ask("GET", "/" + list + "?" + query).body);
    for (const auto& each : answer[list]) out += each["id"].dump();
    return out;
  }

  // Answers one command from another thread, as the detect thread does, while `ask` runs.
  template <class F>
  RawAnswer WithAnswer(CommandResult result, F ask) {
    std::jthread detect([&](std::stop_token stop) {
      while (!stop.stop_requested()) {
        if (auto pending = commands_.TryPop()) {
          last_ = pending->command;
          pending->done.set_value(result);
          return;
        }
        std::this_thread::yield();
      }
    });
    RawAnswer answer = ask();
    detect.request_stop();
    return answer;
  }

  ManualClock clock_;
  ViewCell view_;
  CommandQueue commands_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<WebServer> server_;
  Command last_;
};

void ExpectError(const RawAnswer& answer, int status, const std::string& words) {
  EXPECT_EQ(answer.status, status) << answer.head << answer.body;
  EXPECT_NE(answer.head.find("Content-Type: application/json"), std::string::npos) << answer.head;
  const json body = json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(body.is_object() && body.contains("error")) << answer.body;
  EXPECT_NE(body["error"].get<std::string>().find(words), std::string::npos) << answer.body;
}

TEST_F(WebServerTest, IsHealthyAlwaysAndReadyAfterTheFirstRound) {
  EXPECT_EQ(Ask("GET", "/-/healthy").status, 200);
  EXPECT_EQ(Ask("GET", "/-/ready").status, 200);
  view_.Set(std::make_shared<View>());
  EXPECT_EQ(Ask("GET", "/-/healthy").status, 200);
  ExpectError(Ask("GET", "/-/ready"), 503, "first round");
}

TEST_F(WebServerTest, NegotiatesTheExposition) {
  const auto text = Ask("GET", "/metrics");
  EXPECT_EQ(text.status, 200);
  EXPECT_NE(text.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
            std::string::npos);
  EXPECT_NE(text.body.find("aiops_anomaly_score{entity=\"home\",scope=\"server\"} 1.5\n"),
            std::string::npos);
  const auto open =
      Ask("GET", "/metrics", "Accept: application/openmetrics-text;version=1.0.0,*/*\r\n");
  EXPECT_NE(open.head.find("application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"),
            std::string::npos);
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

TEST_F(WebServerTest, CountsRequestsByHandlerAndCode) {
  Ask("GET", "/nowhere");
  Ask("GET", "/anomalies/9");
  const std::string body = Ask("GET", "/metrics").body;
  EXPECT_NE(body.find("aiops_http_requests_total{code=\"404\",handler=\"other\"} 1\n"),
            std::string::npos);
  EXPECT_NE(body.find("aiops_http_requests_total{code=\"404\",handler=\"/anomalies/{id}\"} 1\n"),
            std::string::npos);
}

TEST_F(WebServerTest, AnswersHeadWithTheLengthOfGet) {
  const auto get = Ask("GET", "/-/healthy"), head = Ask("HEAD", "/-/healthy");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_NE(head.head.find("Content-Length: " + std::to_string(get.body.size())),
            std::string::npos);
}

TEST_F(WebServerTest, RefusesWrongMethodsWithAllow) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const auto answer = Ask(method, "/metrics");
    ExpectError(answer, 405, "GET");
    EXPECT_NE(answer.head.find("Allow: GET, HEAD\r\n"), std::string::npos) << method;
  }
  for (const char* method : {"TRACE", "BREW"}) {
    const auto answer = Ask(method, "/metrics");
    ExpectError(answer, 405, "method");
    EXPECT_NE(answer.head.find("Allow: GET, HEAD, POST\r\n"), std::string::npos) << method;
  }
  const auto run = Ask("GET", "/run");
  ExpectError(run, 405, "POST");
  EXPECT_NE(run.head.find("Allow: POST\r\n"), std::string::npos);
}

TEST_F(WebServerTest, SetsSecurityHeaders) {
  const std::string head = Ask("GET", "/").head;
  for (const char* header : {"X-Content-Type-Options: nosniff", "frame-ancestors 'none'",
                             "Cache-Control: no-store", "Connection: close"}) {
    EXPECT_NE(head.find(header), std::string::npos) << header;
  }
}

TEST_F(WebServerTest, ServesThePageWhole) {
  const auto html = Ask("GET", "/");
  EXPECT_NE(html.head.find("Content-Type: text/html; charset=utf-8\r\n"), std::string::npos);
  EXPECT_TRUE(html.body.starts_with("<!doctype html>"));
  EXPECT_TRUE(html.body.ends_with("</html>\n"));
  // Nothing from elsewhere, and nothing that the content security policy would refuse.
  for (const char* foreign : {"http://", "https://", "style=", "<style", "onclick"})
    EXPECT_EQ(html.body.find(foreign), std::string::npos) << foreign;
  for (const std::string file : {"page.css", "page.js"}) {
    EXPECT_NE(html.body.find('"' + file + '"'), std::string::npos);
    EXPECT_EQ(Ask("GET", "/" + file).status, 200);
  }
  EXPECT_NE(Ask("GET", "/page.css").head.find("Content-Type: text/css;"), std::string::npos);
  const auto script = Ask("GET", "/page.js");
  EXPECT_NE(script.head.find("Content-Type: text/javascript;"), std::string::npos);
  for (const char* markup : {"innerHTML =", "insertAdjacentHTML", "document.write", "eval("})
    EXPECT_EQ(script.body.find(markup), std::string::npos) << markup;
}

TEST_F(WebServerTest, AnswersThePagesQuestions) {
  EXPECT_EQ(json::parse(Ask("GET", "/overview?limit=1&sort=name&search=home").body)["matching"], 1);
  EXPECT_EQ(json::parse(Ask("GET", "/series?entity=home&scope=server").body)["entity"], "home");
  ExpectError(Ask("GET", "/overview?size=3"), 400, "unknown query parameter 'size'");
}

TEST_F(WebServerTest, MatchesPathsExactly) {
  for (const char* path :
       {"/metrics/", "/metricsx", "/%6detrics", "/../../etc/passwd", "/etc/passwd",
        "/..%2f..%2fetc%2fpasswd", "/anomalies/0", "/anomalies/x", "/anomalies/-1",
        "/anomalies/99999999999999999999", "/anomalies//acknowledge", "//metrics"}) {
    EXPECT_EQ(Ask("GET", path).status, 404) << path;
  }
}

TEST_F(WebServerTest, ServesTheAbsoluteForm) {
  EXPECT_EQ(Ask("GET", "http://127.0.0.1:" + std::to_string(server_->port()) + "/-/healthy").status,
            200);
}

TEST_F(WebServerTest, RefusesBrokenFraming) {
  const auto post = [&](const std::string& headers, const std::string& body) {
    return Split(SendRaw(server_->port(),
                         "POST /run HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body));
  };
  EXPECT_EQ(post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}").status, 400);
  EXPECT_EQ(post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}").status, 400);
  EXPECT_EQ(post("Content-Length: 2x\r\n", "{}").status, 400);
  EXPECT_EQ(post("Content-Length: 5\r\n", "{}").status, 400);
  EXPECT_EQ(post("Content-Length: 99999999\r\n", "").status, 413);
  EXPECT_GE(post("Content-Length: -1\r\n", "").status, 400);
  EXPECT_EQ(Split(SendRaw(server_->port(), "GET /health HTTP/1.1\r\n\r\n")).status, 400);
}

TEST_F(WebServerTest, AnswersGarbageWithJson) {
  for (const std::string& bytes :
       {std::string("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n"), std::string("hello\r\n\r\n"),
        "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'b') + "\r\n\r\n"}) {
    const RawAnswer answer = Split(SendRaw(server_->port(), bytes));
    EXPECT_GE(answer.status, 400) << bytes.substr(0, 40);
    EXPECT_TRUE(json::parse(answer.body, nullptr, false).is_object()) << answer.body;
  }
  EXPECT_EQ(Ask("GET", "/-/healthy").status, 200);
}

TEST_F(WebServerTest, NamesTheUnknownParameter) {
  ExpectError(Ask("GET", "/anomalies?hour=3"), 400, "unknown query parameter 'hour'; known: hours");
  ExpectError(Ask("GET", "/health?x"), 400, "'x'");
  ExpectError(Ask("GET", "/anomalies?hours=24&hours=2"), 400, "twice");
  ExpectError(Ask("GET", "/anomalies?entity=%ff%zz"), 400, "percent");
  ExpectError(Ask("GET", "/anomalies?hours=soon"), 400, "hours: found 'soon'");
  ExpectError(Ask("GET", "/anomalies?severity=bad"), 400, "warning or critical");
  ExpectError(Ask("GET", "/anomalies?limit=0"), 400, "limit");
  ExpectError(Ask("GET", "/anomalies?from=yesterday"), 400, "from: found 'yesterday', want a time");
  ExpectError(Ask("GET", "/anomalies?cursor=2"), 400, "cursor");
  ExpectError(Ask("GET", "/why"), 400, "entity: is missing");
  ExpectError(Ask("GET", "/why?entity=nobody"), 404, "/status names");
  ExpectError(Ask("GET", "/health", "Content-Type: application/json\r\n", "{}"), 400, "no body");
}

TEST_F(WebServerTest, RunsACommandAndReturnsItsResult) {
  const auto answer =
      WithAnswer({409, R"({"error":"running"})"}, [&] { return Ask("POST", "/run"); });
  ExpectError(answer, 409, "running");
  EXPECT_TRUE(std::holds_alternative<RunCommand>(last_.action));
  EXPECT_EQ(last_.by, "127.0.0.1");
  EXPECT_EQ(last_.address, "127.0.0.1");
  EXPECT_EQ(last_.via, "http");
  WithAnswer({200, "{}"}, [&] { return Ask("POST", "/run", "User-Agent: aiopsctl\r\n"); });
  EXPECT_EQ(last_.via, "ctl");
}

TEST_F(WebServerTest, PassesTheReasonOfAnAcknowledgement) {
  const auto answer = WithAnswer({200, "{}"}, [&] {
    return Ask("POST", "/anomalies/7/acknowledge",
               "Content-Type: application/json; charset=utf-8\r\n", R"({"why":"known\nwork"})");
  });
  EXPECT_EQ(answer.status, 200);
  const auto& acknowledge = std::get<AcknowledgeCommand>(last_.action);
  EXPECT_EQ(acknowledge.anomaly_id, 7);
  EXPECT_EQ(acknowledge.why, "known work");
  EXPECT_EQ(last_.by, "127.0.0.1");
}

TEST_F(WebServerTest, TakesTheNameThatIsClaimedWhereNobodyLogsIn) {
  WithAnswer({200, "{}"}, [&] {
    return Ask("POST", "/anomalies/7/acknowledge", "Content-Type: application/json\r\n",
               R"({"by":"ann","comment":"mine"})");
  });
  EXPECT_EQ(last_.by, "ann");
  EXPECT_EQ(last_.address, "127.0.0.1");
  EXPECT_EQ(std::get<AcknowledgeCommand>(last_.action).why, "mine");
  EXPECT_EQ(CommandOf({.remote = "192.0.2.1", .user = "bob"}, RunCommand{}, "ann").by, "bob");
}

TEST_F(WebServerTest, RefusesWrongBodies) {
  const std::string path = "/anomalies/7/acknowledge", type = "Content-Type: application/json\r\n";
  ExpectError(Ask("POST", path, "", R"({"why":"x"})"), 415, "application/json");
  ExpectError(Ask("POST", path, type, "{"), 400, "it is not JSON");
  ExpectError(Ask("POST", path, type, "[]"), 400, "JSON object");
  ExpectError(Ask("POST", path, type, R"({"who":"x"})"), 400, "who");
  ExpectError(Ask("POST", path, type, R"({"why":1})"), 400, "why");
  ExpectError(Ask("POST", path, type, R"({"why":"a","why":"b"})"), 400, "occurs twice");
  ExpectError(Ask("POST", path, type, R"({"by":")" + std::string(101, 'x') + "\"}"), 400,
              "at most 100");
  ExpectError(Ask("POST", path, type, std::string(70'000, 'x')), 413, "64 KiB");
  ExpectError(Ask("POST", "/run", type, "{}"), 400, "no body");
}

TEST_F(WebServerTest, GuardsEverythingThatChangesState) {
  ExpectError(Ask("POST", "/run", "Host: evil.example\r\n"), 403, "web.allowed_hosts");
  ExpectError(Ask("POST", "/run", "Origin: https://evil.example\r\n"), 403, "web.allowed_hosts");
  EXPECT_EQ(Ask("GET", "/health", "Host: evil.example\r\n").status, 200);
  const auto own =
      WithAnswer({200, "{}"}, [&] { return Ask("POST", "/run", "Host: aiops:8100\r\n"); });
  EXPECT_EQ(own.status, 200);
  server_->SetPolicy({});
  ExpectError(Ask("POST", "/run", "Host: aiops:8100\r\n"), 403, "'aiops'");
}

TEST_F(WebServerTest, GivesUpWaitingWhenItStops) {
  RawAnswer answer;
  std::thread asks([&, port = server_->port()] { answer = aiops::Ask(port, "POST", "/train"); });
  while (!commands_.TryPop()) std::this_thread::yield();
  server_.reset();
  asks.join();
  EXPECT_EQ(answer.status, 503);
}

TEST_F(WebServerTest, SaysWhatToDoWhenThePortIsTaken) {
  WebOptions options;
  options.listen_address = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = WebServer::Open(options, {clock_, view_, commands_, *store_});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("already in use"), std::string::npos);
  EXPECT_NE(second.error().message.find("--web.listen-address"), std::string::npos);
}

TEST_F(WebServerTest, ListsAnomaliesPageByPage) {
  view_.Set(std::make_shared<View>());
  Changes changes;
  for (std::int64_t id = 1; id <= 3; ++id) changes.anomalies.push_back(SampleAnomaly(id));
  changes.anomalies[0].root_cause = R"({"root_cause":"a backup","worded_by":"template"})";
  ASSERT_TRUE(store_->Commit(changes));
  const json first = json::parse(Ask("GET", "/anomalies?limit=2").body);
  ASSERT_EQ(first["anomalies"].size(), 2u);
  EXPECT_EQ(first["anomalies"][0]["id"], 3);
  EXPECT_EQ(first["anomalies"][0]["started_at"], "2023-11-14T22:10:20Z");
  EXPECT_TRUE(first["anomalies"][0]["root_cause"].is_null());
  EXPECT_EQ(first["anomalies"][0]["contributions"][0]["feature"], "cpu_percent");
  // New ones move no page.
  ASSERT_TRUE(store_->Commit({.anomalies = {SampleAnomaly(4)}}));
  const std::string next = first["next"];
  const json second = json::parse(Ask("GET", "/anomalies?limit=2&cursor=" + next).body);
  ASSERT_EQ(second["anomalies"].size(), 1u);
  EXPECT_EQ(second["anomalies"][0]["id"], 1);
  EXPECT_TRUE(second["next"].is_null());
  const json one = json::parse(Ask("GET", "/anomalies/1").body);
  EXPECT_EQ(one["root_cause"]["root_cause"], "a backup");
  ExpectError(Ask("GET", "/anomalies/5"), 404, "no anomaly 5");
}

TEST_F(WebServerTest, ListsPastWindowsWhereTheyAreAskedFor) {
  auto view = SampleView();
  view->silences = {{.id = 3, .starts_at = kViewTime, .ends_at = kViewTime + hours(1)}};
  for (const std::int64_t id : {1, 2})
    view->past_silences.push_back(
        {.id = id, .starts_at = Time{}, .ends_at = kViewTime - hours(10 * (3 - id))});
  view_.Set(view);
  EXPECT_EQ(Ids("windows", ""), "3");
  EXPECT_EQ(Ids("windows", "hours=12"), "23");
  EXPECT_EQ(Ids("windows", "hours=720"), "123");
  EXPECT_EQ(Ids("mutes", "hours=720"), "");
}

TEST_F(WebServerTest, WhyWithoutAMomentIsAboutTheNewestThatThereIs) {
  auto view = SampleView();
  view->entities[0].judged_at = Time{};
  view_.Set(view);
  Changes changes;
  for (const int ago : {6, 3})
    changes.samples.push_back(
        {{"server", "home"}, kViewTime - minutes(ago) - seconds(20), 7, 0, {1, 2}});
  ASSERT_TRUE(store_->Commit(changes));
  const json why = json::parse(Ask("GET", "/why?entity=home").body);
  EXPECT_EQ(why["scopes"][0]["sampled_at"], "2023-11-14T22:10:00Z");
  EXPECT_EQ(why["scopes"][0]["words"],
            "The sample of 2023-11-14T22:10:00Z is stored, but no round has judged it: the next "
            "one comes in 5m.");
}

TEST_F(WebServerTest, FiltersAnomalies) {
  view_.Set(std::make_shared<View>());
  Changes changes;
  for (std::int64_t id = 1; id <= 3; ++id) changes.anomalies.push_back(SampleAnomaly(id));
  changes.anomalies[0].started_at = changes.anomalies[0].last_seen_at = kViewTime - hours(30);
  changes.anomalies[0].state = AnomalyState::kClosed;
  changes.anomalies[1].acknowledged_at = kViewTime;
  changes.anomalies[2].severity = Severity::kWarning;
  ASSERT_TRUE(store_->Commit(changes));
  const auto ids = [&](const std::string& query) { return Ids("anomalies", query); };
  EXPECT_EQ(ids(""), "32");
  EXPECT_EQ(ids("hours=31"), "321");
  EXPECT_EQ(ids("from=2023-11-01T00:00:00Z"), "321");
  EXPECT_EQ(ids("from=2023-11-01T00:00:00Z&hours=24"), "32");
  EXPECT_EQ(ids("hours=31&to=2023-11-14T00:00:00Z"), "1");
  EXPECT_EQ(ids("from=1970-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&state=closed"), "1");
  EXPECT_EQ(ids("state=acknowledged"), "2");
  EXPECT_EQ(ids("state=unacknowledged"), "3");
  EXPECT_EQ(ids("verdict=critical"), "2");
  EXPECT_EQ(ids("severity=warning"), "3");
  EXPECT_EQ(ids("severity=warning&verdict=critical"), "");
  EXPECT_EQ(ids("kind=fact"), "");
  EXPECT_EQ(ids("scope=server&entity=home"), "32");
}

// The daemon goes on judging while its database is full; nobody is told then that all is well.
TEST_F(WebServerTest, ListsWhatIsOpenBeforeItIsStored) {
  ASSERT_TRUE(store_->Commit({.anomalies = {SampleAnomaly(6), SampleAnomaly(9)}}));
  const auto ids = [&](const std::string& query) { return Ids("anomalies", query); };
  EXPECT_EQ(ids("state=open"), "976");
  EXPECT_EQ(ids("state=open&limit=2"), "97");
  for (const char* other : {"state=closed", "state=acknowledged", "entity=nas", "scope=web",
                            "kind=fact", "severity=warning", "to=2023-11-01T00:00:00Z"})
    EXPECT_EQ(ids(other), "") << other;
  EXPECT_EQ(json::parse(Ask("GET", "/anomalies/7").body)["summary"], SampleAnomaly(7).summary);
  Anomaly before = SampleAnomaly(7);  // what is stored of it is older than what is known
  before.acknowledged_at = kViewTime;
  before.severity = Severity::kWarning;
  ASSERT_TRUE(store_->Commit({.anomalies = {before}}));
  EXPECT_EQ(ids("state=open"), "976");
  EXPECT_EQ(ids("state=acknowledged"), "");
  EXPECT_EQ(json::parse(Ask("GET", "/anomalies/7").body)["severity"], "critical");
}

TEST_F(WebServerTest, ListsModels) {
  Changes changes;
  for (int i = 0; i < 3; ++i) {
    StoredModel model{SampleModel(), "bytes"};
    model.record.trained_at += minutes(i);
    changes.models.push_back(model);
  }
  changes.models[1].record.key.entity = "other";
  changes.models[2].record.state = ModelState::kRefused;
  changes.models[2].record.reason = "too many alerts";
  ASSERT_TRUE(store_->Commit(changes));
  const auto ids = [&](const std::string& query) { return Ids("models", query); };
  EXPECT_EQ(ids(""), "321");
  EXPECT_EQ(ids("entity=home"), "31");
  EXPECT_EQ(ids("entity=home&state=in_use"), "1");
  EXPECT_EQ(ids("scope=none"), "");
  const json page = json::parse(Ask("GET", "/models?limit=2").body);
  EXPECT_EQ(ids("limit=2&cursor=" + page["next"].get<std::string>()), "1");
  const json one = json::parse(Ask("GET", "/models/3").body);
  EXPECT_EQ(one["state"], "refused");
  EXPECT_EQ(one["reason"], "too many alerts");
  EXPECT_EQ(one["excluded"]["maintenance"], 100);
  EXPECT_EQ(one["trial"]["alerts"], 3);
  EXPECT_EQ(one["schema"], "0000000000000007");
  EXPECT_TRUE(one["trusted"].is_null());
  ExpectError(Ask("GET", "/models/4"), 404, "no model 4");
  auto view = SampleView();
  view->entities[0].trust = {true, "it has seen a week"};
  view_.Set(view);
  const json in_use = json::parse(Ask("GET", "/models/1").body);
  EXPECT_EQ(in_use["trusted"], true);
  EXPECT_EQ(in_use["because"], "it has seen a week");
  EXPECT_TRUE(json::parse(Ask("GET", "/models/2").body)["trusted"].is_null()) << "not watched";
}

TEST_F(WebServerTest, TakesRollbacks) {
  const std::string type = "Content-Type: application/json\r\n";
  const auto taken = [&](const std::string& path, const std::string& body) {
    WithAnswer({200, "{}"}, [&] { return Ask("POST", path, body.empty() ? "" : type, body); });
    return std::get<RollBackCommand>(last_.action);
  };
  EXPECT_EQ(taken("/models/7/rollback", R"({"by":"ann","why":"noisy"})").model_id, 7);
  EXPECT_EQ(last_.by, "ann");
  const auto named =
      taken("/models/rollback", R"({"entity":"nas","scope":"server","why":"noisy"})");
  EXPECT_EQ(named.entity + "/" + named.scope + "/" + named.why, "nas/server/noisy");
  EXPECT_EQ(named.model_id, 0);
  EXPECT_EQ(taken("/models/rollback", "").entity, "");
  ExpectError(Ask("POST", "/models/7/rollback", type, R"({"entity":"nas"})"), 400, "entity");
}

TEST_F(WebServerTest, TakesWindowsMutesAndMarks) {
  const std::string type = "Content-Type: application/json\r\n";
  WithAnswer({200, "{}"}, [&] {
    return Ask(
        "POST", "/windows", type,
        R"({"starts_at":"2023-11-14T22:00:00Z","duration":"2h","entity":"nas","why":"disk"})");
  });
  const Silence window = std::get<SilenceCommand>(last_.action).silence;
  EXPECT_EQ(window.kind, SilenceKind::kWindow);
  EXPECT_EQ(window.entity, "nas");
  EXPECT_EQ(window.why, "disk");
  EXPECT_EQ(FormatTime(window.ends_at), "2023-11-15T00:00:00Z");
  WithAnswer({200, "{}"}, [&] { return Ask("POST", "/mutes", type, R"({"duration":"30m"})"); });
  EXPECT_EQ(std::get<SilenceCommand>(last_.action).silence.ends_at, kViewTime + minutes(30));
  WithAnswer({200, "{}"}, [&] { return Ask("POST", "/mutes/4/end"); });
  EXPECT_EQ(std::get<EndSilenceCommand>(last_.action).id, 4);
  WithAnswer({200, "{}"},
             [&] { return Ask("POST", "/anomalies/7/expected", type, R"({"by":"ann"})"); });
  EXPECT_EQ(std::get<MarkCommand>(last_.action).mark, Mark::kExpected);
  EXPECT_EQ(last_.by, "ann");
  WithAnswer({200, "{}"}, [&] { return Ask("POST", "/windows"); });
  EXPECT_EQ(std::get<SilenceCommand>(last_.action).silence.ends_at, kViewTime + hours(1));
  const auto refused = [&](const std::string& path, const std::string& body, int status,
                           const std::string& why) {
    ExpectError(Ask("POST", path, type, body), status, why);
  };
  refused("/windows", R"({"duration":"1h","ends_at":"2023-11-15T00:00:00Z"})", 409, "not both");
  refused("/windows", R"({"ends_at":"2023-11-14T00:00:00Z"})", 409, "end after");
  refused("/windows", R"({"duration":"9000h"})", 409, "366 days");
  refused("/windows", R"({"starts_at":"2023-09-14T00:00:00Z"})", 409, "31 days");
  refused("/windows", R"({"ends_at":"soon"})", 400, "ends_at");
  for (const char* duration : {"", "2", "h", "2w", "1h30", "30m1h", "1h30m1s", "1234567s", "-1h"})
    refused("/windows", R"({"duration":")" + std::string(duration) + "\"}", 400, "duration");
  refused("/mutes", R"({"duration":"1h","starts_at":"x"})", 400, "starts_at");
  refused("/mutes", R"({"duration":"1h","scope":"nowhere"})", 404, "no scope");
  refused("/mutes", R"({"duration":"1h","entity":""})", 409, "leave it out to mean all");
  EXPECT_EQ(json::parse(Ask("GET", "/mutes").body)["mutes"].size(), 0u);
}

}  // namespace
}  // namespace aiops
