#include <cstdlib>

#include "ctl/terminal.h"
#include "ctl_harness.h"
#include "fakes/http_server.h"

namespace aiops {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpServer::Reply Json(std::string body, int status = 200) {
  return {
      .status = status, .body = std::move(body), .headers = {{"Content-Type", "application/json"}}};
}

constexpr const char* kStatus = R"({"version":"1.2.3","now":"2026-11-23T03:10:00Z",
 "started_at":"2026-11-23T03:00:00Z",
 "health":{"status":"degraded","reasons":["collector docker failed: no socket"]},
 "checklist":[{"source":"nginx","ok":true,"detail":"2 logs"},{"source":"docker","ok":false,"detail":"no socket"}],
 "rounds":{"last":"2026-11-23T03:08:00Z"},
 "entities":[{"entity":"web\u001b[2J\u202eevil","scope":"server","verdict":"warning","score":1.25,
   "coverage":0.909,"judged_at":"2026-11-23T03:08:00Z","reason":null}],
 "collectors":[{"name":"docker","up":false,"error":"no socket","notes":["see docs"],"last_success":null,
   "next_run":"2026-11-23T03:11:00Z"}],
 "jobs":[{"name":"train","schedule":"0 3 * * 0","last_run":null,"next_run":null,"last_result":null}],
 "receivers":[{"name":"alertmanager/x","up":true,"sent":3,"last_success":null,"last_error":null}]})";

TEST(StatusCommand, ReadsAsASummary) {
  HttpServer server([](const auto&) { return Json(kStatus); });
  const CtlRun run({"status", "--web.url", server.url()});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("1.2.3: degraded, started 10m ago, last round 2m ago"));
  EXPECT_THAT(run.out, HasSubstr("! collector docker failed: no socket"));
  EXPECT_THAT(run.out, HasSubstr("✓ nginx: 2 logs"));
  EXPECT_THAT(run.out, HasSubstr("✗ docker: no socket"));
  EXPECT_THAT(run.out, HasSubstr("warning  1.25"));
  EXPECT_THAT(run.out, HasSubstr("in 1m"));
}

TEST(StatusCommand, HostileLabelsCannotDriveTheTerminal) {
  HttpServer server([](const auto&) { return Json(kStatus); });
  for (const char* output : {"table", "json"}) {
    const CtlRun run({"status", "--web.url", server.url(), "--output", output});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.out, HasSubstr("evil"));
    EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(run.out, Not(HasSubstr("\u202e")));
  }
}

TEST(StatusCommand, AnswersOfSomethingElseAreRefusedNotShown) {
  for (const char* body : {"<html>", "[]", "3", "", "{\"a\":"}) {
    HttpServer server([&](const auto&) { return Json(body); });
    EXPECT_EQ(CtlRun({"status", "--web.url", server.url()}).code, 1) << body;
  }
  std::string deep(1000000, '[');
  HttpServer server([&](const auto&) { return Json(deep); });
  EXPECT_EQ(CtlRun({"status", "--web.url", server.url()}).code, 1);
}

TEST(StatusCommand, WrongTypesEverywhereAreSurvived) {
  HttpServer server([](const auto&) {
    return Json(R"({"health":[],"checklist":{"a":1},"entities":[1,null,"x"],"rounds":3,
      "collectors":[{"notes":"x","name":{}}],"now":7})");
  });
  EXPECT_EQ(CtlRun({"status", "--web.url", server.url()}).code, 0);
}

TEST(OnlineCommands, SayThatTheDaemonCannotBeReached) {
  std::string url;
  {
    HttpServer gone([](const auto&) { return Json("{}"); });
    url = gone.url();
  }
  const CtlRun run({"run", "--web.url", url});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("cannot reach the daemon at " + url));
  EXPECT_THAT(run.err, HasSubstr("is it running? set --web.url"));
}

TEST(OnlineCommands, SendUserAndPasswordAndTellARefusal) {
  HttpServer server([](const auto& request) {
    return request.Header("authorization") == "Basic YW5uOnNlY3JldA=="  // ann:secret
               ? Json("{\"anomalies\":[],\"next\":null}")
               : Json("{\"error\":\"who are you?\"}", 401);
  });
  setenv("AIOPS_PASSWORD", "secret", 1);
  EXPECT_EQ(CtlRun({"anomalies", "--web.url", server.url(), "--user", "ann"}).code, 0);
  setenv("AIOPS_PASSWORD", "wrong", 1);
  const CtlRun refused({"anomalies", "--web.url", server.url(), "--user", "ann"});
  unsetenv("AIOPS_PASSWORD");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("who are you?"));
  EXPECT_THAT(refused.err, HasSubstr("AIOPS_PASSWORD"));
  EXPECT_THAT(refused.err, Not(HasSubstr("wrong")));
}

TEST(AnomaliesCommand, AsksForWhatIsWantedAndShowsIt) {
  HttpServer server([](const auto&) {
    return Json(R"({"anomalies":[{"id":17,"entity":"home","scope":"server","fact":null,
      "severity":"critical","state":"open","started_at":"2026-11-23T03:00:00Z","summary":"CPU high",
      "contributions":[{"feature":"cpu_percent"},{"feature":"disk_io"}]}],"next":"17"})");
  });
  const CtlRun run({"anomalies", "--web.url", server.url(), "--hours", "48", "--entity", "a&b",
                    "--state", "open"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(server.requests().at(0).query, "hours=48&limit=100&entity=a%26b&state=open");
  EXPECT_THAT(run.out, HasSubstr("cpu_percent +1"));
  EXPECT_THAT(run.out, HasSubstr("There are more"));
}

TEST(AnomaliesCommand, FollowsTheCursorToTheEnd) {
  HttpServer server([](const auto& request) {
    const bool first = request.query.find("cursor=") == std::string::npos;
    return Json(first ? R"({"anomalies":[{"id":9}],"next":"p&9"})"
                      : R"({"anomalies":[{"id":8}],"next":null})");
  });
  const CtlRun run({"anomalies", "--all", "--output", "json", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(server.requests()[1].query, "hours=24&limit=100&cursor=p%269");
  EXPECT_THAT(run.out, HasSubstr("\"id\": 9"));
  EXPECT_THAT(run.out, HasSubstr("\"id\": 8"));
}

TEST(WhyCommand, PrintsTheWordsAndMarksTheMoment) {
  HttpServer server([](const auto&) {
    return Json(R"({"entity":"nas","at":"2026-11-23T03:12:00Z","scopes":[{"scope":"server",
      "words":"Quiet although it looked like critical: a mute was in force.",
      "sampled_at":"2026-11-23T03:12:00Z","around":[
        {"time":"2026-11-23T03:11:00Z","verdict":"normal","score":0.2,"threshold":1,"gate":null},
        {"time":"2026-11-23T03:12:00Z","verdict":"critical","score":2.5,"threshold":1,
         "gate":"mute"}]}]})");
  });
  const CtlRun run({"why", "n&s", "--at", "2026-11-23T12:12:00+09:00", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(server.requests().at(0).path, "/why");
  EXPECT_EQ(server.requests().at(0).query, "entity=n%26s&at=2026-11-23T03%3A12%3A00Z");
  EXPECT_EQ(server.requests().at(0).Header("user-agent"), "aiopsctl");
  EXPECT_THAT(run.out, HasSubstr("server: Quiet although"));
  EXPECT_THAT(run.out, HasSubstr(">  2026-11-23T03:12:00Z  critical  2.5"));
  EXPECT_EQ(CtlRun({"why", "nas", "--at", "soon", "--web.url", server.url()}).code, 2);
  EXPECT_EQ(CtlRun({"why", "nas", "--at", "2h", "--web.url", server.url()}).code, 0);
}

TEST(AuditCommand, ListsWhoAskedForWhat) {
  HttpServer server([](const auto&) {
    return Json(R"({"entries":[{"id":1,"time":"2026-11-23T03:12:00Z","action":"acknowledge",
      "object":"anomaly 7","by":"ann","via":"ctl","address":null,"result":"done","text":"disk"}],
      "next":null})");
  });
  const CtlRun run({"audit", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(server.requests().at(0).query, "limit=1000&hours=168");
  EXPECT_THAT(run.out, HasSubstr("acknowledge  anomaly 7  ann  ctl"));
  HttpServer other([](const auto&) { return Json("[]"); });
  EXPECT_EQ(CtlRun({"audit", "--web.url", other.url()}).code, 1);
}

TEST(AcknowledgeCommand, PostsTheReasonAndTellsTheAnswer) {
  HttpServer server([](const auto&) {
    return Json(R"({"acknowledged_at":"2026-11-23T03:00:00Z","acknowledged_by":"ann"})");
  });
  const CtlRun run({"ack", "17", "--why", "disk \"sda\"", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method + " " + request.path, "POST /anomalies/17/acknowledge");
  EXPECT_EQ(request.body, R"({"why":"disk \"sda\""})");
  EXPECT_EQ(request.Header("content-type"), "application/json");
  EXPECT_THAT(run.out, HasSubstr("Anomaly 17 is acknowledged."));
  EXPECT_THAT(run.out, HasSubstr("acknowledged_by: ann"));
}

TEST(OnlineCommands, DoNotTakeAnythingForTheDaemonsAnswer) {
  for (const std::string body : {"{}", "[]", "\"yes\"", "no json"}) {
    HttpServer server([&](const auto&) { return Json(body); });
    for (const std::string order : {"run", "train", "reload"}) {
      const CtlRun run({order, "--web.url", server.url()});
      EXPECT_EQ(run.code, 1) << order << " " << body;
      EXPECT_THAT(run.err, HasSubstr("not the answer of an aiops_exporter"));
    }
  }
}

TEST(AcknowledgeCommand, RefusesWhatIsNoId) {
  for (const std::string id : {"99999999999999999999", "0", "-1", "abc"})
    EXPECT_EQ(CtlRun({"ack", id, "--web.url", "http://127.0.0.1:1"}).code, 2) << id;
}

TEST(TrainCommand, TooFewSamplesIsAFailureInTheDaemonsWords) {
  HttpServer server([](const auto&) { return Json("{\"error\":\"12 samples missing\"}", 409); });
  const CtlRun run({"train", "--web.url", server.url()});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("12 samples missing"));
}

TEST(Table, AlignsWideCharactersAndCleansCells) {
  const std::string text = Render({{"A", "B"}, {{"한국", "x"}, {"ab\ncd", "y"}, {"z"}}});
  EXPECT_EQ(text, "A      B\n한국   x\nab cd  y\nz\n");
}

TEST(Relative, IsShort) {
  const Time now = FromUnixMillis(1'000'000'000'000);
  EXPECT_EQ(Relative(now - seconds(75), now), "1m15s ago");
  EXPECT_EQ(Relative(now + minutes(90), now), "in 1h30m");
  EXPECT_EQ(Relative(now, now), "now");
}

}  // namespace
}  // namespace aiops
