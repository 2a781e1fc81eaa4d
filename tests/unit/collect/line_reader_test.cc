#include "collect/nginx/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kCombined =
    R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl")";
constexpr const char* kCommon =
    R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 404 1)";
constexpr const char* kErrorLog =
    "2026/11/23 03:02:00 [error] 29#29: *1 open() failed, request: \\\"GET / HTTP/1.1\\\"";

std::string Docker(std::string_view log, std::string_view stream = "stdout", bool whole = true) {
  std::string out = R"({"log":")";
  for (const char c : log) out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + (whole ? R"(\n)" : "") + R"(","stream":")" + std::string(stream) +
         R"(","time":"2026-11-23T03:02:00.123456789Z"})";
}

std::string Cri(std::string_view text, std::string_view tags = "stdout F") {
  return "2026-11-23T03:02:00.123456789+00:00 " + std::string(tags) + " " + std::string(text);
}

class LineReaderTest : public ::testing::Test {
 protected:
  void Read(LineReader& reader, const std::vector<std::string>& lines) {
    for (const auto& line : lines) reader.OnLine(line, LineFault::kNone, handlers_);
    reader.Flush(handlers_);
  }

  LineOptions options_;
  std::vector<int> statuses_;
  std::vector<std::string> clients_;
  std::vector<std::string> agents_;
  std::map<std::string, int> bad_;
  std::vector<std::uint64_t> bad_numbers_;
  int ignored_ = 0;
  LineHandlers handlers_{[this](const LogEntry& entry) {
                           statuses_.push_back(entry.status);
                           clients_.emplace_back(entry.client);
                           agents_.emplace_back(entry.user_agent);
                         },
                         [this](const BadLine& line) {
                           ++bad_[std::string(ToString(line.fault))];
                           bad_numbers_.push_back(line.number);
                         },
                         [this] { ++ignored_; }};
};

TEST_F(LineReaderTest, GuessesWhatReadsMostOfTheFirstLines) {
  LineReader reader(options_);
  std::vector<std::string> lines(4, kCombined);
  lines.insert(lines.begin(), {"starting", kCommon, "", "really"});
  Read(reader, lines);
  EXPECT_EQ(reader.format(), "combined");
  EXPECT_EQ(statuses_.size(), 4u);
  EXPECT_EQ(bad_, (std::map<std::string, int>{{"bad_format", 3}, {"empty", 1}}));
}

TEST_F(LineReaderTest, KeepsItsGuess) {
  LineReader reader(options_);
  Read(reader, {kCombined});
  for (int i = 0; i < 30; ++i) Read(reader, {kCommon, kCombined});
  EXPECT_EQ(reader.format(), "combined");
  EXPECT_EQ(statuses_.size(), 31u);
  EXPECT_EQ(bad_["bad_format"], 30);
}

TEST_F(LineReaderTest, HoldsLinesUntilItCanGuessAndLosesNone) {
  LineReader reader(options_);
  for (size_t i = 1; i < LineReader::kGuessLines; ++i)
    reader.OnLine(kCombined, LineFault::kNone, handlers_);
  EXPECT_THAT(statuses_, IsEmpty());
  reader.OnLine(kCombined, LineFault::kNone, handlers_);
  EXPECT_EQ(statuses_.size(), LineReader::kGuessLines);
  reader.OnLine(kCombined, LineFault::kNone, handlers_);
  EXPECT_EQ(statuses_.size(), LineReader::kGuessLines + 1);
}

TEST_F(LineReaderTest, SaysWhenNothingFitsAndGoesOnTrying) {
  LineReader reader(options_);
  Read(reader, std::vector<std::string>(19, "words"));
  EXPECT_FALSE(reader.puzzled());
  Read(reader, std::vector<std::string>(30, "words"));
  EXPECT_TRUE(reader.puzzled());
  EXPECT_EQ(reader.format(), "");
  EXPECT_EQ(bad_["bad_format"], 49);
  Read(reader, {kCombined});
  EXPECT_FALSE(reader.puzzled());
  EXPECT_EQ(reader.format(), "combined");
  EXPECT_EQ(statuses_.size(), 1u);
}

TEST_F(LineReaderTest, TellsTheReasonAndTheNumberOfABrokenLineBeforeTheGuess) {
  LineReader reader(options_);
  std::string bad_time = kCombined;
  bad_time.replace(bad_time.find("Nov"), 3, "Nox");
  Read(reader, {"", bad_time});
  EXPECT_EQ(bad_, (std::map<std::string, int>{{"empty", 1}, {"bad_time", 1}}));
  EXPECT_THAT(bad_numbers_, ElementsAre(1, 2));
}

TEST_F(LineReaderTest, GuessesAnewAfterTwentyLinesThatDoNotFit) {
  LineReader reader(options_);
  Read(reader, {kCombined});
  for (int i = 0; i < 40; ++i) Read(reader, {kCommon});
  EXPECT_EQ(reader.format(), "common");
  EXPECT_EQ(bad_["bad_format"], 20);
  EXPECT_EQ(statuses_.size(), 21u);
}

// Cut at any line, with the state carried over, the counts are those of an uninterrupted reading.
TEST_F(LineReaderTest, CountsTheSameAcrossARestartAtAnyLine) {
  std::vector<std::string> lines{"entrypoint: ready"};
  for (int i = 0; i < 5; ++i) lines.push_back(kCombined);
  for (int i = 0; i < 25; ++i) lines.push_back(kCommon);
  lines.push_back(kCombined);
  for (size_t cut = 0; cut <= lines.size(); ++cut) {
    statuses_.clear();
    bad_.clear();
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(cut);
    LineReader before(options_);
    for (auto it = lines.begin(); it != middle; ++it) Read(before, {*it});
    LineReader after(options_);
    ASSERT_TRUE(after.Restore(before.State())) << before.State();
    for (auto it = middle; it != lines.end(); ++it) Read(after, {*it});
    EXPECT_EQ(statuses_.size(), 10u) << cut;
    EXPECT_EQ(bad_["bad_format"], 22) << cut;
  }
}

TEST_F(LineReaderTest, TakesOffWhatContainersPutAround) {
  for (const auto& wrap : {+[](std::string_view l) { return Docker(l); },
                           +[](std::string_view l) { return Cri(l); }}) {
    for (const bool configured : {false, true}) {
      statuses_.clear();
      bad_.clear();
      ignored_ = 0;
      const bool docker = wrap("x").starts_with('{');
      options_.wrapper.reset();
      if (configured) options_.wrapper = docker ? Wrapper::kDocker : Wrapper::kCri;
      LineReader reader(options_);
      const std::string error = docker ? Docker(kErrorLog, "stderr") : Cri(kErrorLog, "stderr F");
      Read(reader, {error, wrap("/docker-entrypoint.sh: ready"), wrap(kCombined), error,
                    wrap(kCombined), wrap(""), "not wrapped"});
      EXPECT_THAT(statuses_, ElementsAre(200, 200));
      EXPECT_EQ(bad_, (std::map<std::string, int>{{"bad_format", 2}, {"empty", 1}}));
      EXPECT_EQ(ignored_, 2);
      EXPECT_EQ(reader.format(), "combined");
      EXPECT_EQ(reader.wrapper(), docker ? Wrapper::kDocker : Wrapper::kCri);
    }
  }
}

TEST_F(LineReaderTest, TakesNothingOffWhereItIsToldNotTo) {
  options_.wrapper = Wrapper::kNone;
  options_.format = "combined";
  LineReader reader(options_);
  Read(reader, {Docker(kCombined), Cri(kCombined)});
  EXPECT_EQ(bad_["bad_format"], 2);
}

TEST_F(LineReaderTest, IgnoresAccessLinesOnStderrButThoseOfCaddy) {
  LineReader nginx(options_);
  Read(nginx, {Cri(kCombined), Cri(kCombined, "stderr F")});
  EXPECT_EQ(statuses_.size(), 1u);
  EXPECT_EQ(ignored_, 1);
  LineReader caddy(options_);
  Read(caddy, {Cri(R"({"level":"info","ts":1,"msg":"serving"})", "stderr F"),
               Cri(R"({"ts":1,"status":201,"size":1,"request":{"uri":"/"}})", "stderr F")});
  EXPECT_EQ(caddy.format(), "caddy_json");
  EXPECT_THAT(statuses_, ElementsAre(200, 201));
  EXPECT_EQ(ignored_, 2);
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(LineReaderTest, JoinsThePartsOfALongLine) {
  const std::string line = kCombined;
  const std::string start = line.substr(0, 40), middle = line.substr(40, 20), end = line.substr(60);
  LineReader cri(options_);
  Read(cri, {Cri(start, "stdout P"), Cri(kErrorLog, "stderr P"), Cri(middle, "stdout P"),
             Cri(" rest", "stderr F"), Cri(end, "stdout F:x"), Cri(kCombined)});
  LineReader docker(options_);
  Read(docker, {Docker(start, "stdout", false), Docker(kErrorLog, "stderr"),
                Docker(middle, "stdout", false), Docker(end), Docker(kCombined)});
  EXPECT_THAT(statuses_, ElementsAre(200, 200, 200, 200));
  EXPECT_THAT(agents_, ElementsAre("curl", "curl", "curl", "curl"));
  EXPECT_EQ(ignored_, 2);
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(LineReaderTest, HoldsNoMoreThanALongestLine) {
  LineReader reader(options_);
  std::vector<std::string> lines{Cri(kCombined)};
  for (int i = 0; i < 20; ++i) lines.push_back(Cri(std::string(16'000, 'x'), "stdout P"));
  Read(reader, lines);
  EXPECT_LT(reader.State().size(), 200u);
  Read(reader, {Cri("end"), Cri(kCombined)});
  EXPECT_EQ(bad_["too_long"], 1);
  EXPECT_EQ(statuses_.size(), 2u);
}

TEST_F(LineReaderTest, CarriesPartsOverARestart) {
  const std::string line =
      "192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] \"GET /\xff\" 200 612 \"-\" \"curl\"";
  LineReader before(options_);
  Read(before, {Cri(kCombined), Cri(line.substr(0, 55), "stdout P")});
  LineReader after(options_);
  ASSERT_TRUE(after.Restore(before.State()));
  Read(after, {Cri(line.substr(55))});
  EXPECT_THAT(statuses_, ElementsAre(200, 200));
  EXPECT_THAT(bad_, IsEmpty());
  LineReader skipping(options_);
  Read(skipping,
       {Cri(std::string(40'000, 'x'), "stdout P"), Cri(std::string(40'000, 'x'), "stdout P")});
  LineReader still(options_);
  ASSERT_TRUE(still.Restore(skipping.State()));
  Read(still, {Cri("end"), Cri(kCombined)});
  EXPECT_EQ(bad_["too_long"], 1);
}

TEST_F(LineReaderTest, RefusesStatesThatItDidNotWrite) {
  LineReader reader(options_);
  ASSERT_TRUE(reader.Restore("auto auto 0 -,-"));
  for (const char* bad : {"", "combined", "combined cri", "combined cri 0", "combined cri x -,-",
                          "nonsense cri 0 -,-", "combined pod 0 -,-", "combined cri 0 -",
                          "combined cri 0 +4,-", "combined cri 0 +zz,-"}) {
    EXPECT_FALSE(reader.Restore(bad)) << bad;
  }
}

TEST_F(LineReaderTest, LetsTheConfigurationOverruleASavedGuess) {
  options_.format = "common";
  options_.wrapper = Wrapper::kNone;
  LineReader reader(options_);
  ASSERT_TRUE(reader.Restore("json docker 0 -,-"));
  Read(reader, {kCommon});
  EXPECT_EQ(reader.format(), "common");
  EXPECT_EQ(statuses_.size(), 1u);
}

TEST_F(LineReaderTest, FindsTheClientBehindTrustedProxies) {
  options_.client.variable = "http_x_forwarded_for";
  options_.client.trusted = {*ParseNetwork("10.0.0.0/8")};
  const auto line = [](const std::string& client, const std::string& forwarded) {
    return client + R"( - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x" ")" +
           forwarded + "\"";
  };
  LineReader reader(options_);
  Read(reader, {line("10.0.0.1", "1.2.3.4, 192.0.2.9"), line("203.0.113.1", "1.2.3.4"),
                line("10.0.0.1", "-")});
  EXPECT_EQ(reader.format(), "main");
  EXPECT_THAT(clients_, ElementsAre("192.0.2.9", "203.0.113.1", "10.0.0.1"));
  clients_.clear();
  LineReader caddy(options_);
  Read(caddy, {R"({"ts":1,"status":200,"request":{"remote_ip":"10.0.0.1","client_ip":"10.0.0.1",)"
               R"("headers":{"X-Forwarded-For":["1.2.3.4","192.0.2.9"]}}})"});
  LineReader traefik(options_);
  Read(traefik, {R"({"time":"2026-11-23T03:02:00Z","DownstreamStatus":200,)"
                 R"("ClientHost":"1.2.3.4, 192.0.2.9, 10.0.0.2","ClientAddr":"10.0.0.1:99"})"});
  EXPECT_THAT(clients_, ElementsAre("192.0.2.9", "192.0.2.9"));
}

TEST_F(LineReaderTest, PrefersAFormatThatNamesTheConfiguredClient) {
  const std::string cut = std::string(kCombined) + " \"1.2";
  const std::string whole = std::string(kCombined) + " \"1.2.3.4\"";
  LineReader plain(options_);
  Read(plain, {whole, cut});
  EXPECT_EQ(plain.format(), "combined");
  options_.client.variable = "http_x_forwarded_for";
  LineReader reader(options_);
  Read(reader, {whole, cut});
  EXPECT_EQ(reader.format(), "main");
}

TEST_F(LineReaderTest, ReadsTheClientFromAnyVariable) {
  options_.format = "$remote_addr $status $msec $http_cf_connecting_ip $proxy_protocol_addr";
  options_.client.variable = "proxy_protocol_addr";
  LineReader reader(options_);
  Read(reader, {"10.0.0.1 200 1.5 1.2.3.4 192.0.2.9", "10.0.0.1 200 1.5 1.2.3.4 -"});
  EXPECT_THAT(clients_, ElementsAre("192.0.2.9", "10.0.0.1"));
}

}  // namespace
}  // namespace aiops
