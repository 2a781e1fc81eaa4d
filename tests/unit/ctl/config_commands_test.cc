#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctl/checked_config.h"
#include "ctl/discovery.h"
#include "ctl/starter_config.h"
#include "ctl_harness.h"
#include "fakes/fake_http_client.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::HasSubstr;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Folder {
 public:
  std::string File(const std::string& name, const std::string& text = "") const {
    if (!text.empty()) std::ofstream(folder_.path() + "/" + name) << text;
    return folder_.path() + "/" + name;
  }

 private:
  TestFolder folder_;
};

std::string ProblemsOf(const std::string& yaml) {
  Sources sources;
  sources.file = "aiops.yml";
  sources.text = yaml;
  std::string out;
  for (const auto& problem : CheckConfig(sources, "home").problems) out += ToString(problem) + "\n";
  return out;
}

TEST(CheckConfig, TellsAllProblemsOfCoreAndPluginsWithTheirLine) {
  Folder folder;
  const auto path =
      folder.File("aiops.yml", "detect: {ewma: {lamda: 2}}\ncollect: {nginx: {grace: 5x}}\n");
  const CtlRun run({"check-config", path});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("aiops.yml:1: detect.ewma.lamda: unknown key"));
  EXPECT_THAT(run.err, HasSubstr("aiops.yml:2: collect.nginx.grace: found '5x'"));
  EXPECT_EQ(run.out, "");
}

TEST(CheckConfig, SaysWhatAValidConfigurationWouldDo) {
  Folder folder;
  const CtlRun run({"check-config", folder.File("aiops.yml", "timezone: UTC\n")});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("is valid: 11 features in scope server; sources host, nginx_log; "
                                 "receivers none"));
  EXPECT_THAT(run.out, HasSubstr("container_count_unhealthy (docker)"));
}

TEST(CheckConfig, LooksAtWhatTheWebServerWouldFind) {
  EXPECT_THAT(ProblemsOf("web:\n  listen_address: nowhere.example:8100\n"),
              HasSubstr("aiops.yml:2: web.listen_address: "));
  EXPECT_THAT(ProblemsOf("web:\n  config_file: /nonexistent/web.yml\n"),
              HasSubstr("aiops.yml:2: web.config_file: "));
  EXPECT_EQ(ProblemsOf("web: {listen_address: ':8100'}\n"), "");
}

TEST(CheckConfig, RefusesAGraceThatCouldNotBeWaitedFor) {
  EXPECT_THAT(ProblemsOf("collect:\n  nginx:\n    grace: 30s\n"),
              HasSubstr("aiops.yml:3: collect.nginx.grace: found 30s, want less than "
                        "collect.deadline (10s)"));
  EXPECT_EQ(ProblemsOf("collect:\n  deadline: 40s\n  nginx:\n    grace: 30s\n"), "");
  // The default is cut to what fits.
  EXPECT_EQ(ProblemsOf("collect: {interval: 2s, nginx: {}}\ndetect: {interval: 2s}\n"), "");
}

TEST(CheckConfig, AMissingFileIsWrongUsage) {
  const CtlRun run({"check-config", "/nonexistent/aiops.yml"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("cannot read /nonexistent/aiops.yml"));
  EXPECT_THAT(run.err, HasSubstr("`aiopsctl init` writes one"));
}

TEST(CheckConfig, WhatIsThereButCannotBeReadIsNotToBeWrittenAnew) {
  Folder folder;
  const CtlRun run({"check-config", folder.File("")});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("it is a folder; name a file in it"));
  EXPECT_THAT(run.err, testing::Not(HasSubstr("init")));
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const auto path = folder.File("aiops.yml", "timezone: UTC\n");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const CtlRun forbidden({"check-config", path});
  EXPECT_THAT(forbidden.err, HasSubstr("give this user the right to read it"));
  EXPECT_THAT(forbidden.err, testing::Not(HasSubstr("init")));
}

TEST(StarterConfig, IsValidForWhateverIsFound) {
  for (int bits = 0; bits < 16; ++bits) {
    Discovery found{.timezone = "UTC"};
    if (bits & 1) found.nginx_pattern = "/var/log/\"odd\\ name/*access*.log";
    if (bits & 2) found.prometheus = "http://127.0.0.1:9090";
    if (bits & 4) found.alertmanager = "http://127.0.0.1:9093";
    if (bits & 8) found.docker_socket = "/run/podman/podman.sock";
    EXPECT_EQ(ProblemsOf(StarterConfig(found)), "") << StarterConfig(found);
  }
}

TEST(StarterConfig, SaysHowOftenTargetsAreScraped) {
  Discovery found{.prometheus = "http://127.0.0.1:9090", .timezone = "UTC"};
  EXPECT_THAT(StarterConfig(found), HasSubstr("scrape_interval: 15s   # as in prometheus.yml\n"));
  found.scrape_interval = minutes(1);
  EXPECT_THAT(StarterConfig(found), HasSubstr("scrape_interval: 1m   # of its targets"));
  EXPECT_EQ(ProblemsOf(StarterConfig(found)), "");
}

TEST(Discover, AsksPrometheusHowOftenItScrapes) {
  std::string targets = R"({"status":"success","data":{"activeTargets":[
    {"scrapeInterval":"15s"},{"scrapeInterval":"1m"},{"scrapeInterval":"1m0s"}]}})";
  FakeHttpClient http([&](const HttpEndpoint& endpoint, const HttpRequest& request) {
    if (endpoint.base_url != "http://prometheus") return Result<HttpResponse>(Unavailable("no"));
    if (request.path == "/-/healthy") return Result<HttpResponse>(HttpResponse{.status = 200});
    EXPECT_EQ(request.path + "?" + request.query, "/api/v1/targets?state=active");
    return Result<HttpResponse>(HttpResponse{.status = 200, .body = targets});
  });
  const Places places{"/none", "http://prometheus", "http://alertmanager", {}};
  EXPECT_EQ(Discover(places, http).scrape_interval, Duration(minutes(1)));
  targets = R"({"status":"success","data":{"activeTargets":[{"health":"up"}]}})";
  const Discovery silent = Discover(places, http);
  EXPECT_EQ(silent.prometheus, "http://prometheus");
  EXPECT_EQ(silent.scrape_interval, std::nullopt);
}

TEST(StarterConfig, WantsNothingThatNobodyMeasures) {
  for (const char* logs : {"", "/var/log/nginx/*access*.log"}) {
    Sources sources;
    sources.file = "aiops.yml";
    sources.text = StarterConfig({.nginx_pattern = logs, .timezone = "UTC"});
    EXPECT_THAT(CheckConfig(sources, "home").missing, testing::IsEmpty()) << logs;
  }
}

TEST(Init, WritesAFileThatPassesTheCheckAndNeverOverwritesIt) {
  Folder folder;
  const auto path = folder.File("aiops.yml");
  const CtlRun first({"init", "--output", path});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("aiopsctl check-config " + path));
  const CtlRun check({"check-config", path});
  EXPECT_EQ(check.code, 0) << check.err;

  std::ofstream(path) << "mine";
  const CtlRun second({"init", "--output", path});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("exists and is not overwritten"));
  EXPECT_EQ(ReadAll(path), "mine");
  EXPECT_EQ(CtlRun({"init", "--output", path, "--force"}).code, 0);
  EXPECT_THAT(ReadAll(path), HasSubstr("collect:"));
}

TEST(Init, NamesTheNextCommandsAsThisOneWasCalled) {
  Folder folder;
  const auto path = folder.File("home.yml");
  const auto build = folder.File("build/release/");
  std::filesystem::create_directories(build);
  const auto next = [&](const std::string& program) {
    return CtlRun({"init", "--force", "--output", path}, program).out;
  };
  EXPECT_THAT(next("aiopsctl"), HasSubstr("\n  aiops_exporter --config.file=" + path + "\n"));
  EXPECT_THAT(next(build + "aiopsctl"), HasSubstr("\n  " + build + "aiops_exporter --config"));
  std::filesystem::create_directories(folder.File("scripts"));
  folder.File("scripts/run", "#");
  folder.File("build/release/CMakeCache.txt", "#");
  EXPECT_THAT(next(build + "aiopsctl"),
              HasSubstr("\n  " + build + "aiopsctl check-config " + path));
  EXPECT_THAT(next(build + "aiopsctl"),
              HasSubstr("\n  " + folder.File("scripts/run") + " --config.file=" + path + "\n"));
}

TEST(Init, NamesThisProgramInTheFileAsItWasCalled) {
  Folder folder;
  const auto path = folder.File("aiops.yml");
  EXPECT_EQ(CtlRun({"init", "--output", path}, "build/release/aiopsctl").code, 0);
  EXPECT_THAT(ReadAll(path), HasSubstr("written by `build/release/aiopsctl init`"));
}

TEST(Init, IntoAFolderNamesAFileInIt) {
  Folder folder;
  const CtlRun run({"init", "--force", "--output", folder.File("")});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("is a folder: name a file"));
}

TEST(References, AreWhatTheDocumentsSay) {
  // Not EXPECT_EQ: it would print both documents whole.
  const std::string docs = AIOPS_TESTDATA "/../../docs/";
  EXPECT_TRUE(CtlRun({"config-reference"}).out == ReadAll(docs + "configuration.md"))
      << "run: aiopsctl config-reference > docs/configuration.md";
  EXPECT_TRUE(CtlRun({"metrics-reference"}).out == ReadAll(docs + "metrics.md"))
      << "run: aiopsctl metrics-reference > docs/metrics.md";
}

TEST(Usage, IsTaughtAndWrongUsageIsTwo) {
  EXPECT_EQ(CtlRun(std::vector<std::string>{}).code, 2);
  EXPECT_EQ(CtlRun({"statsu"}).code, 2);
  EXPECT_EQ(CtlRun({"ack", "-3"}).code, 2);
  const CtlRun help({"ack", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("aiopsctl ack 17 --why"));
}

// Usage, descriptions, examples and errors: whoever copies one can run it.
TEST(Usage, NamesTheProgramAsItWasCalled) {
  const std::string path = "build/release/aiopsctl";
  const auto told = [&](std::vector<std::string> arguments) {
    const CtlRun run(std::move(arguments), path);
    return run.out + run.err;
  };
  EXPECT_THAT(told({"ack", "--help"}), HasSubstr("\n  " + path + " ack 17 --why"));
  EXPECT_THAT(told({"ack", "--help"}), HasSubstr("as `" + path + " anomalies` shows it"));
  EXPECT_THAT(told({"model", "rollback", "--help"}), HasSubstr("\n  " + path + " model rollback"));
  EXPECT_THAT(told({"--help"}), HasSubstr("`" + path + " COMMAND --help` tells more"));
  EXPECT_THAT(told({"statsu"}), HasSubstr("`" + path + " --help` lists all"));
  EXPECT_THAT(told({"replay", "/nowhere"}), Not(HasSubstr("`aiopsctl ")));
  for (const char* command :
       {"init",      "check-config", "status", "anomalies", "why",      "ack",         "real",
        "expected",  "window",       "mute",   "run",       "train",    "model",       "reload",
        "parse-log", "audit",        "record", "replay",    "backtest", "bench-forest"})
    EXPECT_THAT(told({command, "--help"}), Not(testing::ContainsRegex("[ `]aiopsctl "))) << command;
}

TEST(CheckConfig, WarnsOfAScopeThatNothingWillEverJudge) {
  Folder folder;
  const std::string bare = "timezone: UTC\ncollect: {nginx: {logs: []}}\n";
  const CtlRun run({"check-config", folder.File("aiops.yml", bare)});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("scopes.server: it will never be judged: 5 of its 11 features"));
  EXPECT_THAT(run.err, HasSubstr("request_rate, "));
  const std::string cured = bare + "detect: {min_coverage: 0.4}\n";
  EXPECT_EQ(CtlRun({"check-config", folder.File("aiops.yml", cured)}).err, "");
}

TEST(CheckConfig, KnowsTheNamesOfHeaders) {
  const auto problems = [](const std::string& name) {
    return ProblemsOf("collect:\n  prometheus:\n    url: http://localhost:9090\n    headers: {'" +
                      name + "': x}\n");
  };
  EXPECT_EQ(problems("X-Scope-OrgID"), "");
  EXPECT_THAT(problems("X Scope"), HasSubstr("aiops.yml:4: collect.prometheus.headers: found 'X "
                                             "Scope', want the name of a header"));
  EXPECT_THAT(problems("X:y"), HasSubstr("want the name of a header"));
}

}  // namespace
}  // namespace aiops
