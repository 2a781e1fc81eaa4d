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
 "headline":{"state":"critical","what":"1 critical","since":"2026-11-23T03:07:00Z","until":null},
 "silences":[{"id":4,"kind":"mute","scope":null,"entity":"web-1","ends_at":"2026-11-23T04:10:00Z"}],
 "checklist":[{"source":"nginx","ok":true,"state":"works","detail":"2 logs"},
   {"source":"docker","ok":false,"state":"fails","detail":"no socket"},
   {"source":"host","ok":false,"state":"waits","detail":"not asked yet"},
   {"source":"prometheus","ok":false,"state":"off","detail":"see `aiopsctl init`"}],
 "rounds":{"last":"2026-11-23T03:08:00Z"},
 "groups":[{"scope":"pod","text":"214 of 3,000 entities, all az=\"b\u001b[2J\""}],
 "open_anomalies":[{"id":7,"severity":"critical","entity":"web-1","summary":"cpu_percent 97 %",
   "started_at":"2026-11-23T03:07:00Z"}],
 "entities":[{"entity":"web\u001b[2J\u202eevil","scope":"server","verdict":"warning","score":1.25,
   "coverage":0.909,"judged_at":"2026-11-23T03:08:00Z","reason":null,
   "model":{"trusted":false,"because":"it has not seen a week"},"features":[
   {"feature":"cpu_percent","unit":"%","value":31.66,"lower":0,"upper":16.1,"remark":"unusual"},
   {"feature":"memory_percent","unit":"%","value":16.5,"lower":5.27,"upper":13.8,
    "remark":"outside, but by less than counts"},
   {"feature":"disk_io","unit":"%","value":1,"lower":0,"upper":3,"remark":null}]}],
 "collectors":[{"name":"docker","up":false,"error":"no socket","notes":["see docs"],"last_success":null,
   "next_run":"2026-11-23T03:11:00Z"}],
 "jobs":[{"name":"train","schedule":"0 3 * * 0","last_run":null,"next_run":null,"last_result":null}],
 "receivers":[{"name":"alertmanager/x","up":true,"sent":3,"last_success":null,"last_error":null}]})";

TEST(StatusCommand, ReadsAsASummary) {
  HttpServer server([](const auto&) { return Json(kStatus); });
  const CtlRun run({"status", "--web.url", server.url()});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("1.2.3: 1 critical for 3m\nStarted 10m ago, last round 2m ago, "
                                 "daemon degraded\n"));
  EXPECT_THAT(run.out, HasSubstr("mute 4 is in force for web-1, ends in 1h\n"));
  EXPECT_THAT(run.out, HasSubstr("! collector docker failed: no socket"));
  EXPECT_THAT(run.out, HasSubstr("✓ nginx: 2 logs"));
  EXPECT_THAT(run.out, HasSubstr("✗ docker: no socket"));
  EXPECT_THAT(run.out, HasSubstr("– host: not asked yet"));
  EXPECT_THAT(run.out, HasSubstr("– prometheus: see `aiopsctl init`"));
  EXPECT_THAT(run.out, HasSubstr("warning  1.25   no     91 %"));
  EXPECT_THAT(run.out, HasSubstr("Trust in what is learned\n"));
  EXPECT_THAT(run.out, HasSubstr("evil: at most a warning, for it has not seen a week\n"));
  EXPECT_THAT(run.out, HasSubstr("in 1m"));
  EXPECT_THAT(run.out, HasSubstr("Open anomalies\n  pod: 214 of 3,000 entities, all az=\"b"));
}

TEST(StatusCommand, ShowsTheScoreThatMadeTheVerdict) {
  HttpServer server([](const auto&) {
    return Json(R"({"version":"1","entities":[
      {"scope":"s","entity":"a","verdict":"warning","learned":"warning","score":0.41,
       "learned_score":1.4},
      {"scope":"s","entity":"b","verdict":"warning","learned":"warning","score":1.4,
       "learned_score":1.4},
      {"scope":"s","entity":"c","verdict":"critical","learned":"normal","score":0.3,
       "learned_score":0.3}]})");
  });
  const CtlRun run({"status", "--web.url", server.url()});
  EXPECT_THAT(run.out, testing::ContainsRegex("a +warning +1\\.4, now 0\\.41"));
  EXPECT_THAT(run.out, testing::ContainsRegex("b +warning +1\\.4 +-"));
  EXPECT_THAT(run.out, testing::ContainsRegex("c +critical \\(fact\\) +0\\.3 +-"));
}

TEST(StatusCommand, ListsWhatIsOutsideItsBandAndHowItCounts) {
  HttpServer server([](const auto&) { return Json(kStatus); });
  const CtlRun run({"status", "--web.url", server.url()});
  EXPECT_THAT(run.out, HasSubstr("Outside their bands, or not judged\n"));
  EXPECT_THAT(run.out, HasSubstr("cpu_percent     31.7 %  0 % to 16.1 %     unusual\n"));
  EXPECT_THAT(run.out, HasSubstr("memory_percent  16.5 %  5.27 % to 13.8 %  outside, but by less "
                                 "than counts\n"));
  EXPECT_THAT(run.out, Not(HasSubstr("disk_io")));
}

TEST(StatusCommand, HintsNameTheProgramAsItWasCalled) {
  HttpServer server([](const auto&) { return Json(kStatus); });
  EXPECT_THAT(CtlRun({"status", "--web.url", server.url()}, "./build/aiopsctl").out,
              HasSubstr("see `./build/aiopsctl init`"));
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
    return Json(
        R"({"version":"1","health":[],"checklist":{"a":1},"entities":[1,null,"x"],"rounds":3,
      "collectors":[{"notes":"x","name":{}}],"now":7})");
  });
  EXPECT_EQ(CtlRun({"status", "--web.url", server.url()}).code, 0);
}

TEST(StatusCommand, AnotherServersObjectIsNoStatus) {
  HttpServer server([](const auto&) { return Json("{}"); });
  const CtlRun run({"status", "--web.url", server.url()});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("that is not the status of an aiops_exporter"));
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
  EXPECT_THAT(run.err, HasSubstr("Start it with `aiops_exporter`, or say where it listens: "
                                 "--web.url http://HOST:PORT"));
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
    return Json(R"({"entity":"nas","at":"2026-11-23T03:12:00.123Z","scopes":[{"scope":"server",
      "words":"Quiet although it looked like critical: a mute was in force.",
      "sampled_at":"2026-11-23T03:12:00Z","around":[
        {"time":"2026-11-23T03:11:00Z","verdict":"normal","score":0.2,"threshold":1,"gate":null},
        {"time":"2026-11-23T03:12:00Z","verdict":"critical","score":2.5,"threshold":1,
         "gate":"mute","features":[{"feature":"cpu_percent","unit":"%","value":97.123},
                                   {"feature":"disk_io","unit":"%","value":null}]}]}]})");
  });
  const CtlRun run({"why", "n&s", "--at", "2026-11-23T12:12:00+09:00", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(server.requests().at(0).path, "/why");
  EXPECT_EQ(server.requests().at(0).query, "entity=n%26s&at=2026-11-23T03%3A12%3A00Z");
  EXPECT_EQ(server.requests().at(0).Header("user-agent"), "aiopsctl");
  EXPECT_THAT(run.out, HasSubstr("nas at 2026-11-23T03:12:00Z\n"));
  EXPECT_THAT(run.out, HasSubstr("TIME (UTC)"));
  EXPECT_THAT(CtlRun({"why", "nas", "--json", "--web.url", server.url()}).out,
              HasSubstr("2026-11-23T03:12:00.123Z"));
  EXPECT_THAT(run.out, HasSubstr("server: Quiet although"));
  EXPECT_THAT(run.out, HasSubstr(">  2026-11-23T03:12:00Z  critical  2.5"));
  EXPECT_THAT(run.out, HasSubstr("mute  cpu_percent 97.1 %, disk_io -\n"));
  EXPECT_EQ(CtlRun({"why", "nas", "--at", "soon", "--web.url", server.url()}).code, 2);
  EXPECT_EQ(CtlRun({"why", "nas", "--at", "2h", "--web.url", server.url()}).code, 0);
}

TEST(AuditCommand, ListsWhoAskedForWhat) {
  HttpServer server([](const auto&) {
    return Json(R"({"entries":[{"id":1,"time":"2026-11-23T03:12:00.987Z","action":"acknowledge",
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
    return Json(R"({"id":17,"acknowledged_at":"2026-11-23T03:00:00Z","acknowledged_by":"ann",
      "acknowledged_why":"disk \"sda\"","already_acknowledged":false,"message":"acknowledged"})");
  });
  const CtlRun run({"ack", "17", "--why", "disk \"sda\"", "--web.url", server.url()});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method + " " + request.path, "POST /anomalies/17/acknowledge");
  EXPECT_EQ(request.body, R"({"why":"disk \"sda\""})");
  EXPECT_EQ(request.Header("content-type"), "application/json");
  EXPECT_EQ(run.out, "Anomaly 17 is acknowledged by ann: disk \"sda\".\n");
}

TEST(OnlineCommands, AnswerInSentencesThatNameCommands) {
  const auto told = [](const std::string& order, const std::string& answer, int status = 200) {
    HttpServer server([&](const auto&) { return Json(answer, status); });
    std::vector<std::string> words{order, "--web.url", server.url()};
    if (order == "ack") words.insert(words.begin() + 1, "9");
    const CtlRun run(words, "bin/aiopsctl");
    return run.out + run.err;
  };
  EXPECT_EQ(told("ack", R"({"id":9,"acknowledged_at":"2026-11-23T03:00:00Z",
                "already_acknowledged":true,"message":"already acknowledged by ann"})"),
            "Anomaly 9 is already acknowledged by ann.\n");
  EXPECT_EQ(told("ack", R"({"error":"there is no anomaly 9; GET /anomalies lists them"})", 404),
            "the daemon refused: there is no anomaly 9; `bin/aiopsctl anomalies` lists them\n");
  EXPECT_EQ(told("ack", R"({"error":"there is no mute 9; GET /mutes lists them"})", 404),
            "the daemon refused: there is no mute 9; `bin/aiopsctl mute` lists them\n");
  EXPECT_EQ(told("run", R"({"status":"accepted","message":"still running; /status tells"})", 202),
            "still running; `bin/aiopsctl status` tells.\n");
  EXPECT_EQ(told("run", R"({"verdict":"normal","judged":[]})"),
            "The round was run; the worst verdict, after the gates, is normal.\n");
  EXPECT_EQ(told("train", R"({"status":"training","message":"/status tells"})", 202),
            "The models are being fitted; `bin/aiopsctl status` tells how it ends.\n");
  EXPECT_EQ(told("reload", R"({"status":"accepted","in_force_at":"2026-11-23T03:00:00Z"})"),
            "The configuration was read again and is in force from 2026-11-23T03:00:00Z.\n");
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

TEST(SilenceCommands, BeginListAndEnd) {
  std::vector<std::string> asked;
  const std::string mute =
      R"({"id":3,"kind":"mute","scope":null,"entity":"nas","starts_at":"2999-11-23T03:00:00Z",)"
      R"("ends_at":"2999-11-23T04:00:00Z","by":"ann","why":"disk"})";
  HttpServer server([&](const auto& request) {
    asked.push_back(request.method + " " + request.path + " " + request.body);
    return Json(request.method == "GET" ? "{\"mutes\":[" + mute + "]}" : mute);
  });
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--web.url", server.url()});
    return CtlRun(std::move(arguments));
  };
  const std::string sentence =
      "mute 3: nas from 2999-11-23T03:00:00Z to 2999-11-23T04:00:00Z (ann: disk)";
  EXPECT_THAT(run({"mute", "--for", "1h", "--entity", "nas", "--why", "disk"}).out,
              HasSubstr(sentence));
  EXPECT_EQ(run({"mute"}).out, sentence + "\n");
  EXPECT_EQ(run({"mute", "--end", "3"}).out, "Ended: " + sentence + "\n");
  EXPECT_THAT(asked,
              testing::ElementsAre(R"(POST /mutes {"duration":"1h","entity":"nas","why":"disk"})",
                                   "GET /mutes ", "POST /mutes/3/end "));
  EXPECT_EQ(run({"mute", "--entity", "nas"}).code, 2);
  EXPECT_EQ(run({"mute", "--for", "1h", "--end", "3"}).code, 2);
  EXPECT_EQ(run({"mute", "--from", "2026-11-23T03:00:00Z"}).code, 2);
}

TEST(SilenceCommands, TellWhatOneThatIsPastDoes) {
  std::string query;
  const std::string window =
      R"({"id":3,"kind":"window","scope":null,"entity":null,"starts_at":"2001-11-23T03:00:00Z",)"
      R"("ends_at":"2001-11-23T04:00:00Z","by":"ann","why":null)";
  HttpServer server([&](const auto& request) {
    query = request.query;
    if (request.method == "GET") return Json("{\"windows\":[" + window + "}]}");
    return Json(window + (request.path == "/windows" ? "}" : R"(,"note":"its samples count"})"));
  });
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--web.url", server.url()});
    return CtlRun(std::move(arguments)).out;
  };
  const std::string sentence =
      "window 3: everything from 2001-11-23T03:00:00Z to 2001-11-23T04:00:00Z (ann)\n";
  EXPECT_EQ(run({"window", "--for", "1h", "--from", "2001-11-23T03:00:00Z"}),
            sentence +
                "It is over: the next training leaves its samples out; what was judged and "
                "told then stays.\n");
  EXPECT_EQ(run({"window"}), "past " + sentence);
  EXPECT_EQ(query, "hours=720");
  EXPECT_EQ(run({"window", "--end", "3"}),
            "Taken back: " + sentence + "Note: its samples count.\n");
}

constexpr const char* kModel = R"({"id":5,"entity":"nas","scope":"server","state":"refused",
 "reason":"it would alert too often","trained_at":"2026-11-23T03:00:00Z","used_from":null,
 "why":"schedule","rows":900,"from":"2026-11-16T03:00:00Z","to":"2026-11-23T03:00:00Z",
 "excluded":{"maintenance":80,"mute":0,"confirmed_real":20,"low_coverage":0,"partial":0},
 "trial":{"rows":180,"alerts":30,"alerts_in_use":2,"passed":false},"bytes":null,"schema":"07",
 "trusted":false,"because":"it has not seen a week"})";

TEST(ModelCommands, ListAndShow) {
  HttpServer server([](const auto& request) {
    return Json(request.path == "/models/5"
                    ? kModel
                    : R"({"models":[)" + std::string(kModel) + R"(],"next":"p7"})");
  });
  const CtlRun list({"model", "list", "--entity", "n&s", "--scope", "server", "--state", "refused",
                     "--web.url", server.url()});
  ASSERT_EQ(list.code, 0) << list.err;
  EXPECT_EQ(server.requests().at(0).query, "limit=100&entity=n%26s&scope=server&state=refused");
  EXPECT_THAT(list.out,
              HasSubstr("schedule  900   10 %      30 of 180  no     -      it would alert"));
  EXPECT_THAT(list.out, HasSubstr("There are more"));
  EXPECT_THAT(CtlRun({"model", "list", "--json", "--web.url", server.url()}).out,
              HasSubstr("\"next\": \"p7\""));
  const CtlRun show({"model", "show", "5", "--web.url", server.url()});
  ASSERT_EQ(show.code, 0) << show.err;
  EXPECT_THAT(show.out, HasSubstr("Model 5 of nas in scope server: refused: it would alert too"));
  EXPECT_THAT(show.out, HasSubstr("trust     no, it says at most a warning: it has not seen"));
  EXPECT_THAT(show.out, HasSubstr("10 %: 80 maintenance, 20 confirmed_real\n"));
  EXPECT_THAT(show.out, HasSubstr("about 30 of 180 newest samples, the model in use then about 2: "
                                  "too many\n"));
}

TEST(ModelCommands, RollBackAndSayWhatFollows) {
  std::string asked;
  HttpServer server([&](const auto& request) {
    asked = request.method + " " + request.path + " " + request.body;
    return Json(R"({"model":)" + std::string(kModel) +
                R"(,"instead_of":6,"message":"it judges until a training brings a new one"})");
  });
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"model", "rollback"});
    arguments.insert(arguments.end(), {"--web.url", server.url()});
    return CtlRun(std::move(arguments));
  };
  EXPECT_EQ(run({}).out,
            "Model 5 of nas, trained 2026-11-23T03:00:00Z, judges instead of 6;\nit judges until a "
            "training brings a new one.\n");
  EXPECT_EQ(asked, "POST /models/rollback ");
  EXPECT_EQ(run({"nas", "--scope", "server", "--by", "ann", "--why", "noisy"}).code, 0);
  EXPECT_EQ(asked, R"(POST /models/rollback {"entity":"nas","scope":"server","by":"ann",)"
                   R"("why":"noisy"})");
  EXPECT_EQ(run({"--id", "5"}).code, 0);
  EXPECT_EQ(asked, "POST /models/5/rollback ");
  EXPECT_EQ(run({"nas", "--id", "5"}).code, 2);
  EXPECT_EQ(run({"--id", "0"}).code, 2);
  EXPECT_EQ(CtlRun({"model"}).code, 2);
}

TEST(ModelCommands, TellWhatToDo) {
  HttpServer refuses([](const auto&) {
    return Json(R"({"error":"there is no model 9; GET /models lists them"})", 404);
  });
  EXPECT_EQ(CtlRun({"model", "show", "9", "--web.url", refuses.url()}, "bin/aiopsctl").err,
            "the daemon refused: there is no model 9; `bin/aiopsctl model list` lists them\n");
  HttpServer none([](const auto&) { return Json(R"({"models":[],"next":null})"); });
  EXPECT_EQ(CtlRun({"model", "list", "--web.url", none.url()}, "bin/aiopsctl").out,
            "Nothing was trained: `bin/aiopsctl train`, or wait for the schedule.\n");
  EXPECT_EQ(
      CtlRun({"model", "list", "--state", "refused", "--entity", "nas", "--web.url", none.url()},
             "bin/aiopsctl")
          .out,
      "No model matches state refused, entity nas: `bin/aiopsctl model list` lists all that "
      "there are.\n");
  HttpServer other([](const auto&) { return Json("{}"); });
  for (const char* what : {"list", "rollback"})
    EXPECT_EQ(CtlRun({"model", what, "--web.url", other.url()}).code, 1) << what;
  EXPECT_EQ(CtlRun({"model", "show", "5", "--web.url", other.url()}).code, 1);
}

TEST(MarkCommands, SayWhatFollows) {
  std::string path;
  HttpServer server([&](const auto& request) {
    path = request.path;
    return Json(R"({"id":7,"mark":"real","marked_at":"2026-11-23T03:00:00Z","marked_by":"ann",)"
                R"("message":"a real incident"})");
  });
  EXPECT_EQ(CtlRun({"real", "7", "--web.url", server.url()}).out, "Anomaly 7: a real incident.\n");
  EXPECT_EQ(path, "/anomalies/7/real");
  EXPECT_EQ(CtlRun({"expected", "x"}).code, 2);
}

TEST(MuteCommand, AnUnsetVariableDoesNotMeanEverybody) {
  for (const char* option : {"--entity", "--scope"}) {
    const CtlRun run({"mute", "--for", "1h", option, "", "--web.url", "http://127.0.0.1:1"});
    EXPECT_EQ(run.code, 2) << option;
    EXPECT_THAT(run.err, HasSubstr("leave it out to mean all"));
  }
}

}  // namespace
}  // namespace aiops
