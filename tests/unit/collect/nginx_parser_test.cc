#include <gtest/gtest.h>

#include "collect/nginx/line_parser.h"

namespace aiops {
namespace {

std::unique_ptr<LineParser> Parser(std::string_view format,
                                   std::vector<std::pair<std::string, std::string>> keys = {}) {
  auto parser = MakeLineParser(format, keys);
  EXPECT_TRUE(parser) << parser.error().message;
  return *std::move(parser);
}

struct Case {
  const char* name;
  std::string line;
  LineFault fault = LineFault::kNone;
  const char* time = "2026-11-23T03:02:00Z";
  const char* client = "192.0.2.7";
  const char* method = "GET";
  const char* path = "/";
  int status = 200;
  std::uint64_t bytes = 612;
};

constexpr LineFault kShape = LineFault::kBadFormat;

const std::vector<Case> kCombined{
    {"plain",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /?a=b HTTP/1.1" 200 612 "-" "curl/7.88")"},
    {"ipv6", R"(2001:db8::1 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "2001:db8::1"},
    {"unix socket", R"(unix: - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "unix:"},
    {"offset of Nepal",
     R"(192.0.2.7 - - [23/Nov/2026:08:47:00 +0545] "GET / HTTP/1.1" 200 612 "-" "x")"},
    {"negative offset",
     R"(192.0.2.7 - - [22/Nov/2026:19:02:00 -0800] "GET / HTTP/1.1" 200 612 "-" "x")"},
    {"leap day", R"(192.0.2.7 - - [29/Feb/2028:00:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "2028-02-29T00:00:00Z"},
    {"year 1970", R"(192.0.2.7 - - [01/Jan/1970:00:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "1970-01-01T00:00:00Z"},
    {"year 9999", R"(192.0.2.7 - - [31/Dec/9999:23:59:59 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "9999-12-31T23:59:59Z"},
    {"escaped quote of Nginx",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /\x22 200 HTTP/1.1" 200 612 "-" "\x22")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "GET", R"(/\x22)"},
    {"escaped quote of Apache",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /\" 404 HTTP/1.1" 200 612 "\"" "\\")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "GET", R"(/\")"},
    {"empty request", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "" 400 0 "-" "-")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "", "", 400, 0},
    {"dash as request", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "-" 400 0 "-" "-")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "", "", 400, 0},
    {"TLS bytes", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "\x16\x03\x01" 400 157 "-" "-")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "", "", 400, 157},
    {"raw bytes",
     "192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] \"GET /\xff\xfe HTTP/1.1\" 200 612"
     " \"-\" \"\xc3\"",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "GET", "/\xff\xfe"},
    {"NUL inside", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "a)" +
                       std::string(1, '\0') + "b\""},
    {"carriage return",
     "192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"x\"\r"},
    {"appended field",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x" "10.0.0.1")"},
    {"spoofed user",
     R"(192.0.2.7 - a [01/Jan/2000:00:00:00 +0000] b [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")"},
    {"unknown client", R"(- - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kNone, "2026-11-23T03:02:00Z", ""},
    {"dash as size", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 304 - "-" "x")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "GET", "/", 304, 0},
    {"status 000", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 000 0 "-" "x")",
     LineFault::kNone, "2026-11-23T03:02:00Z", "192.0.2.7", "GET", "/", 0, 0},

    {"empty", "", LineFault::kEmpty},
    {"blank", "  \r", LineFault::kEmpty},
    {"words", "upstream timed out", kShape},
    {"cut in the request", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HT)", kShape},
    {"cut behind the status", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200)",
     kShape},
    {"glued", R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "G" 200 612 "-" "x"192.0.2.7 - -)",
     kShape},
    {"month", R"(192.0.2.7 - - [23/Nox/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kBadTime},
    {"31 February",
     R"(192.0.2.7 - - [31/Feb/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kBadTime},
    {"hour 25", R"(192.0.2.7 - - [23/Nov/2026:25:02:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kBadTime},
    {"offset without sign",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 10000] "GET / HTTP/1.1" 200 612 "-" "x")",
     LineFault::kBadTime},
    {"status of letters",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 2x0 612 "-" "x")",
     LineFault::kBadStatus},
    {"negative status",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" -20 612 "-" "x")",
     LineFault::kBadStatus},
    {"status of four digits",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 2000 612 "-" "x")",
     LineFault::kBadStatus},
    {"huge size",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 99999999999999999999 "-" "x")",
     LineFault::kBadSize},
    {"negative size",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET / HTTP/1.1" 200 -1 "-" "x")",
     LineFault::kBadSize},
};

TEST(NginxParser, ReadsTheTableOfCombinedLines) {
  const auto parser = Parser("combined");
  for (const auto& c : kCombined) {
    SCOPED_TRACE(c.name);
    LogEntry entry;
    ASSERT_EQ(ToString(parser->Parse(c.line, entry)), ToString(c.fault));
    if (c.fault != LineFault::kNone) continue;
    EXPECT_EQ(FormatTime(entry.time), c.time);
    EXPECT_EQ(entry.client, c.client);
    EXPECT_EQ(entry.method, c.method);
    EXPECT_EQ(entry.path, c.path);
    EXPECT_EQ(entry.status, c.status);
    EXPECT_EQ(entry.bytes, c.bytes);
  }
}

TEST(NginxParser, TellsTheRepeatedHourOfAClockChangeApart) {
  const auto parser = Parser("combined");
  LogEntry summer;
  LogEntry winter;
  parser->Parse(R"(a - - [25/Oct/2026:02:30:00 +0200] "-" 200 1 "-" "-")", summer);
  parser->Parse(R"(a - - [25/Oct/2026:02:30:00 +0100] "-" 200 1 "-" "-")", winter);
  EXPECT_EQ(winter.time - summer.time, hours(1));
}

TEST(NginxParser, ReadsAnyLogFormat) {
  const auto parser =
      Parser("<$msec> ${remote_addr}|$status|$bytes_sent|$server_name|$request_uri");
  LogEntry entry;
  ASSERT_EQ(parser->Parse("<1700000000.123> ::1|502|7|shop.example|/a/b?c=d e", entry),
            LineFault::kNone);
  EXPECT_EQ(UnixMillis(entry.time), 1'700'000'000'123);
  EXPECT_EQ(entry.client, "::1");
  EXPECT_EQ(entry.status, 502);
  EXPECT_EQ(entry.bytes, 7u);
  EXPECT_EQ(entry.site, "shop.example");
  EXPECT_EQ(entry.path, "/a/b");
  EXPECT_EQ(parser->Parse("<1700000000.> ::1|502|7|a|/", entry), LineFault::kBadTime);
}

TEST(NginxParser, PrefersBodyBytesAndServerName) {
  const auto parser =
      Parser("$time_iso8601 $status $host $body_bytes_sent $bytes_sent $server_name");
  LogEntry entry;
  ASSERT_EQ(parser->Parse("2026-11-23T08:47:00+05:45 200 h 10 20 s", entry), LineFault::kNone);
  EXPECT_EQ(FormatTime(entry.time), "2026-11-23T03:02:00Z");
  EXPECT_EQ(entry.bytes, 10u);
  EXPECT_EQ(entry.site, "s");
}

TEST(NginxParser, RefusesFormatsThatCannotBeRead) {
  for (const char* format :
       {"$status", "$time_local", "$time_local$status", "$time_local $ $status",
        "${time_local $status", "combine", "", "$time_local '\n'$status"}) {
    const auto parser = MakeLineParser(format, {});
    ASSERT_FALSE(parser) << format;
    EXPECT_EQ(parser.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(NginxParser, ReadsJson) {
  const auto parser = Parser("json");
  LogEntry entry;
  ASSERT_EQ(parser->Parse(R"({ "time_local":"23/Nov/2026:03:02:00 +0000", "remote_addr" : "::1",
 "x":{"status":"999","a":["}",{}]},"status":404,"request":"GET \/a\u0022\"\\b?q HTTP/1.1",)"
                          "\"agent\":\"\xff\xfe\","
                          R"("body_bytes_sent":"5","host":null})",
                          entry),
            LineFault::kBadFormat)
      << "a newline is no white space within a line";
  ASSERT_EQ(parser->Parse(R"({ "time_local":"23/Nov/2026:03:02:00 +0000", "remote_addr" : "::1",)"
                          R"("x":{"status":"999","a":["}",{}]},"status":404,)"
                          R"("request":"GET \/a\u0022\"\\b?q HTTP/1.1",)"
                          "\"agent\":\"\xff\xfe\\\"\","
                          R"("body_bytes_sent":"5","server_name":"s"} )",
                          entry),
            LineFault::kNone);
  EXPECT_EQ(FormatTime(entry.time), "2026-11-23T03:02:00Z");
  EXPECT_EQ(entry.client, "::1");
  EXPECT_EQ(entry.path, "/a\"\"\\b");
  EXPECT_EQ(entry.status, 404);
  EXPECT_EQ(entry.bytes, 5u);
  EXPECT_EQ(entry.site, "s");
}

TEST(NginxParser, CountsBrokenJson) {
  const auto parser = Parser("json");
  LogEntry entry;
  const std::string good = R"({"msec":1700000000.5,"status":"200"})";
  ASSERT_EQ(parser->Parse(good, entry), LineFault::kNone);
  EXPECT_EQ(UnixMillis(entry.time), 1'700'000'000'500);
  for (size_t cut = 1; cut < good.size(); ++cut) {
    EXPECT_NE(parser->Parse(good.substr(0, cut), entry), LineFault::kNone) << cut;
  }
  for (const char* bad : {R"({"msec":1})", R"({"status":200})", R"({"msec":1,"status":200}x)", "[]",
                          R"({"msec":1,"status":200,"a":[[[[})", R"({"a":"\)", R"({,})"}) {
    EXPECT_EQ(parser->Parse(bad, entry), LineFault::kBadFormat) << bad;
  }
  EXPECT_EQ(parser->Parse(R"({"msec":"x","status":200})", entry), LineFault::kBadTime);
  EXPECT_EQ(parser->Parse(R"({"msec":1,"status":"ok"})", entry), LineFault::kBadStatus);
}

TEST(NginxParser, ReadsJsonWithOtherKeys) {
  const auto parser = Parser("json", {{"status", "code"}, {"time", "ts"}, {"remote_addr", "ip"}});
  LogEntry entry;
  ASSERT_EQ(parser->Parse(R"({"ts":"2026-11-23T03:02:00Z","code":500,"status":"x","ip":"1.2.3.4"})",
                          entry),
            LineFault::kNone);
  EXPECT_EQ(entry.status, 500);
  EXPECT_EQ(entry.client, "1.2.3.4");
  EXPECT_FALSE(MakeLineParser("json", {{"statsu", "code"}}));
}

}  // namespace
}  // namespace aiops
