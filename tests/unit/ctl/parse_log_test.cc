#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "ctl/log_tally.h"
#include "unit/ctl/ctl_harness.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ParseLog : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }

  static CtlRun Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "parse-log");
    return CtlRun(std::move(arguments));
  }

  // The whole output must be one object.
  static json Counts(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const CtlRun run = Run(std::move(arguments));
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return json::parse(run.out);
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

constexpr const char* kLine =
    R"(192.0.2.7 - - [23/Nov/2026:08:47:30 +0545] "GET / HTTP/1.1" 200 612 "-" "curl")";

TEST_F(ParseLog, PrintsOneObject) {
  const auto path = File("access.log", std::string(kLine) + "\n\n" + "nonsense\n" + kLine);
  EXPECT_EQ(Counts({path}),
            json::parse(R"({"lines":4,"valid":2,"malformed":{"empty":1,"bad_format":1},
                            "status":{"200":2},"bytes_sent":1224,"unique_clients":1,"ignored":0,
                            "files":[{"file":")" +
                        path + R"(","format":"combined","wrapper":"none"}],
                            "minutes":[{"time":"2026-11-23T03:02:00Z","requests":2,"errors_4xx":0,
                            "errors_5xx":0,"unique_clients":1,"bytes_sent":1224}]})"));
}

TEST_F(ParseLog, ReadsAnEmptyFile) {
  const auto counts = Counts({File("access.log", "")});
  EXPECT_EQ(counts["lines"], 0);
  EXPECT_EQ(counts["malformed"], json::object());
  EXPECT_EQ(counts["minutes"], json::array());
  EXPECT_THAT(CtlRun({"parse-log", File("access.log", "")}).out,
              HasSubstr("access.log: no line in it"));
}

// Their minutes once wrapped into the years 8167 and 10136.
TEST_F(ParseLog, RefusesTimesBefore1970) {
  std::string text;
  for (const char* stamp : {"01/Jan/1970:00:00:00 +0000", "01/Jan/1970:00:00:00 +1400",
                            "29/Nov/0000:10:00:00 +0000", "31/Dec/9999:23:59:59 -1400"}) {
    text += std::string("192.0.2.7 - - [") + stamp + "] \"GET / HTTP/1.1\" 200 612 \"-\" \"x\"\n";
  }
  const auto counts = Counts({File("access.log", text)});
  EXPECT_EQ(counts["malformed"], json::parse(R"({"bad_time":3})"));
  ASSERT_EQ(counts["minutes"].size(), 1u);
  EXPECT_EQ(counts["minutes"][0]["time"], "1970-01-01T00:00:00Z");
}

// Made and counted at the same time, in the simplest way.
struct Oracle {
  std::uint64_t lines = 0, valid = 0, bytes = 0;
  std::map<std::string, std::uint64_t> malformed, status;
  struct Minute {
    std::uint64_t requests = 0, e4 = 0, e5 = 0, bytes = 0;
    std::set<std::string> clients;
  };
  std::map<std::string, Minute> minutes;
  std::set<std::string> clients;
};

std::string RandomLine(std::mt19937& random, int minute, Oracle& oracle) {
  const auto below = [&](unsigned n) { return random() % n; };
  ++oracle.lines;
  static const std::vector<std::pair<std::string, std::string>> kBad{
      {"empty", ""},
      {"empty", " \t"},
      {"bad_format", "nonsense"},
      {"too_long", std::string(70'000, 'x')},
      {"bad_time", R"(1.1.1.1 - - [99/Nov/2026:03:02:00 +0000] "G" 200 1 "-" "-")"},
      {"bad_status", R"(1.1.1.1 - - [23/Nov/2026:03:02:00 +0000] "G" 20x 1 "-" "-")"},
      {"bad_size", R"(1.1.1.1 - - [23/Nov/2026:03:02:00 +0000] "G" 200 1k "-" "-")"}};
  if (below(20) == 0) {
    const auto& [reason, line] = kBad[random() % kBad.size()];
    ++oracle.malformed[reason];
    return line;
  }
  const std::string client =
      below(2) ? "192.0.2." + std::to_string(below(50)) : "2001:db8::" + std::to_string(below(50));
  const int status = std::vector<int>{200, 304, 404, 499, 500, 503}[below(6)];
  const auto bytes = below(100'000);
  static const std::vector<std::string> kRequests{
      "GET / HTTP/1.1",       "", "-", R"(\x16\x03\x01)", R"(GET /\x22 200 1 HTTP/1.1)",
      "GET /a b\xff HTTP/1.1"};
  char stamp[64], time[64];
  std::snprintf(stamp, sizeof stamp, "23/Nov/2026:%02d:%02d:%02u +0000", minute / 60, minute % 60,
                static_cast<unsigned>(below(60)));
  std::snprintf(time, sizeof time, "2026-11-23T%02d:%02d:00Z", minute / 60, minute % 60);
  ++oracle.valid;
  ++oracle.status[std::to_string(status)];
  oracle.bytes += bytes;
  oracle.clients.insert(client);
  auto& m = oracle.minutes[time];
  ++m.requests;
  m.e4 += status / 100 == 4;
  m.e5 += status / 100 == 5;
  m.bytes += bytes;
  m.clients.insert(client);
  return client + " - - [" + stamp + "] \"" + kRequests[below(6)] + "\" " + std::to_string(status) +
         " " + std::to_string(bytes) + R"( "-" "a \"b\"")" + (below(2) ? "\r" : "");
}

void ExpectSame(const json& counts, const Oracle& oracle) {
  EXPECT_EQ(counts["lines"], oracle.lines);
  EXPECT_EQ(counts["valid"], oracle.valid);
  EXPECT_EQ(counts["malformed"], json(oracle.malformed));
  EXPECT_EQ(counts["status"], json(oracle.status));
  EXPECT_EQ(counts["bytes_sent"], oracle.bytes);
  EXPECT_EQ(counts["unique_clients"], oracle.clients.size());
  json minutes = json::array();
  for (const auto& [time, m] : oracle.minutes) {
    minutes.push_back({{"time", time},
                       {"requests", m.requests},
                       {"errors_4xx", m.e4},
                       {"errors_5xx", m.e5},
                       {"unique_clients", m.clients.size()},
                       {"bytes_sent", m.bytes}});
  }
  EXPECT_EQ(counts["minutes"], minutes);
}

// Rotated in the middle of a minute, given in either order: the same counts.
TEST_F(ParseLog, AgreesWithASlowCount) {
  std::mt19937 random(7);
  Oracle oracle;
  std::string older, newer;
  for (int minute = 0; minute < 400; ++minute) {
    for (int i = 0; i < 10; ++i) {
      std::string& file = minute < 200 || (minute == 200 && i < 5) ? older : newer;
      file +=
          RandomLine(random, std::max(0, minute - static_cast<int>(random() % 3)), oracle) + "\n";
    }
  }
  newer.pop_back();
  const auto first = File("access.log.1", older), second = File("access.log", newer);
  ExpectSame(Counts({first, second}), oracle);
  ExpectSame(Counts({second, first}), oracle);
}

TEST_F(ParseLog, ReadsWrappedLogsAndLeavesStderrOut) {
  const auto counts = Counts({File(
      "0.log", std::string("2026-11-23T03:02:00.1Z stderr F oops\n") +
                   "2026-11-23T03:02:00.1Z stdout P " + std::string(kLine).substr(0, 20) + "\n" +
                   "2026-11-23T03:02:00.1Z stdout F " + std::string(kLine).substr(20) + "\n")});
  EXPECT_EQ(counts["lines"], 1);
  EXPECT_EQ(counts["ignored"], 1);
  EXPECT_EQ(counts["files"][0]["wrapper"], "cri");
}

TEST_F(ParseLog, ReadsCompressedLogs) {
  // printf 'x\ny' | gzip -n, twice in a row: two members.
  const std::string member(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xe0\xaa\x04\x00"
      "\xe8\xc1\x95\x76\x03\x00\x00\x00",
      23);
  const auto whole = File("a.gz", member + member);
  const CtlRun all = Run({whole, "--json"});
  EXPECT_EQ(json::parse(all.out)["malformed"], (json{{"bad_format", 3}})) << "x, yx, y";
  const CtlRun cut = Run({File("b.gz", member + member.substr(0, 14)), "--json"});
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.err, HasSubstr("ends in the middle of its compressed data"));
  EXPECT_EQ(json::parse(cut.out)["malformed"]["bad_format"], 2) << "x, yx";
  std::string damaged = member;
  damaged[16] ^= 1;
  const CtlRun bad = Run({File("c.gz", damaged), "--json"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err, HasSubstr("is damaged"));
  EXPECT_EQ(json::parse(bad.out)["malformed"]["bad_format"], 1);
}

TEST_F(ParseLog, SaysWhichFileCannotBeRead) {
  const CtlRun missing = Run({folder_ + "/missing.log", "--json"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.out, "");
  EXPECT_THAT(missing.err, HasSubstr("cannot open " + folder_ + "/missing.log: No such file"));
  const CtlRun directory = Run({folder_});
  EXPECT_EQ(directory.code, 1);
  EXPECT_THAT(directory.err, HasSubstr("Is a directory"));
  const CtlRun mixed = Run({folder_ + "/missing.log", File("a.log", kLine), "--json"});
  EXPECT_EQ(mixed.code, 1);
  EXPECT_EQ(json::parse(mixed.out)["valid"], 1);
}

TEST_F(ParseLog, NamesTheFormatsThatThereAre) {
  const CtlRun wrong = Run({File("a.log", kLine), "--format", "combine"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("found 'combine'"), HasSubstr("nginx_proxy_manager"),
                               HasSubstr("log_format")));
  EXPECT_EQ(Run({File("a.log", kLine), "--format", "$remote_addr [$time_local]"}).code, 2);
  EXPECT_EQ(Run({File("a.log", kLine), "--wrapper", "pod"}).code, 2);
  EXPECT_EQ(Run({}).code, 2);
  const auto custom =
      Counts({File("b.log", "1.5 503 ::1\n"), "--format", "$msec $status $remote_addr"});
  EXPECT_EQ(custom["status"], (json{{"503", 1}}));
  EXPECT_EQ(custom["minutes"][0]["time"], "1970-01-01T00:00:00Z");
}

TEST_F(ParseLog, ShowsTablesAndTheFirstBrokenLines) {
  std::string text = std::string(kLine) + "\n" + "evil \033[2J\xff\n";
  for (int i = 0; i < 20; ++i) text += "\n";
  text += std::string(kLine).replace(std::string(kLine).find(" 200 "), 5, " 502 ");
  const CtlRun run = Run({File("access.log", text)});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, HasSubstr("access.log: format combined\n"));
  EXPECT_THAT(run.out, HasSubstr("access.log:2: bad_format: evil"));
  EXPECT_THAT(run.out, HasSubstr("access.log:6: empty\n"));
  EXPECT_THAT(run.out, Not(HasSubstr("access.log:7:")));
  EXPECT_THAT(run.out, Not(HasSubstr("\033")));
  EXPECT_THAT(run.out, HasSubstr("WORST MINUTES"));
  EXPECT_THAT(run.out, HasSubstr("502"));
}

TEST_F(ParseLog, FailsIfNotOneLineCouldBeReadAndSaysWhatWasTried) {
  const auto path = File("odd.log", "2026 something else\nand more\n");
  const CtlRun run = Run({path});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("combined"));
  EXPECT_THAT(run.err, HasSubstr("docs/collectors/nginx_log.md"));
  EXPECT_THAT(run.out, HasSubstr("odd.log:1: bad_format"));
  const CtlRun given = Run({path, "--format", "combined"});
  EXPECT_EQ(given.code, 1);
  EXPECT_THAT(given.err, HasSubstr("--format auto"));
  EXPECT_EQ(Run({File("empty.log", "")}).code, 0);
}

TEST_F(ParseLog, TeachesByExample) {
  const CtlRun help = Run({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("aiopsctl parse-log /var/log/nginx/access.log"));
}

TEST(LogTally, KeepsABoundedNumberOfMinutes) {
  LogTally tally;
  LogEntry entry;
  entry.status = 200;
  entry.client = "192.0.2.7";
  const auto last = static_cast<int>(LogTally::kMaxMinutes) + 1000;
  for (int minute = 0; minute < last; ++minute) {
    entry.time = FromUnixMillis(minute * 60'000LL);
    tally.Add(entry);
  }
  tally.Finish();
  EXPECT_EQ(tally.minutes().size(), LogTally::kMaxMinutes);
  EXPECT_EQ(tally.left_out(), 1000u);
  EXPECT_EQ(tally.valid(), static_cast<std::uint64_t>(last));
  EXPECT_EQ(tally.clients(), 1u);
}

}  // namespace
}  // namespace aiops
