// One line of every format, with all that it says. The guess must find the format by the line
// alone.
#include <gtest/gtest.h>

#include <cmath>

#include "collect/nginx/line_reader.h"
#include "collect/nginx/named_formats.h"

namespace aiops {
namespace {

struct Expected {
  const char* time = "2026-11-23T03:02:00Z";
  const char* client = "192.0.2.7";
  const char* method = "GET";
  const char* path = "/shop";
  const char* site = "";
  const char* user_agent = "curl/8.5";
  int status = 200;
  std::uint64_t bytes = 612;
  std::uint64_t bytes_in = 0;
  double request_seconds = NAN;
  double upstream_seconds = NAN;
};

struct Case {
  const char* name;
  const char* format;
  const char* line;
  Expected expected;
};

const std::vector<Case> kLines{
    {"combined",
     "combined",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop?q HTTP/1.1" 200 612 "-" "curl/8.5")",
     {}},
    {"combined, IPv6 and a user with blanks",
     "combined",
     R"(2001:db8::7 - a b [23/Nov/2026:04:02:00 +0100] "GET /shop HTTP/2.0" 200 612 "-" "curl/8.5")",
     {.client = "2001:db8::7"}},
    {"main of the nginx package",
     "main",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" "203.0.113.9, 10.0.0.1")",
     {}},
    {"common",
     "common",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612)",
     {.user_agent = ""}},
    {"common, Apache with ident",
     "common",
     R"(192.0.2.7 ident joe [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 304 -)",
     {.user_agent = "", .status = 304, .bytes = 0}},
    {"Apache with ident",
     "apache_combined",
     R"(192.0.2.7 ident joe [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 - "-" "curl/8.5")",
     {.bytes = 0}},
    {"Apache with virtual host",
     "apache_combined",
     R"(shop.example:443 2001:db8::7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "a \"b\"")",
     {.client = "2001:db8::7", .site = "shop.example", .user_agent = R"(a \"b\")"}},
    {"Nginx Proxy Manager, proxy host",
     "nginx_proxy_manager",
     R"([23/Nov/2026:03:02:00 +0000] - 200 200 - GET https shop.example "/shop?q" [Client 192.0.2.7] [Length 612] [Gzip 2.31] [Sent-to 10.0.0.5] "curl/8.5" "-")",
     {.site = "shop.example"}},
    {"Nginx Proxy Manager, two upstreams",
     "nginx_proxy_manager",
     R"([23/Nov/2026:03:02:00 +0000] MISS 502, 200 200 - GET https shop.example "/shop" [Client 192.0.2.7] [Length 612] [Gzip -] [Sent-to 10.0.0.5] "a - b" "https://x/")",
     {.site = "shop.example", .user_agent = "a - b"}},
    {"Nginx Proxy Manager, no upstream",
     "nginx_proxy_manager",
     R"([23/Nov/2026:03:02:00 +0000] - - 301 - GET http shop.example "/shop" [Client 2001:db8::7] [Length 166] [Gzip -] [Sent-to 10.0.0.5] "curl/8.5" "-")",
     {.client = "2001:db8::7", .site = "shop.example", .status = 301, .bytes = 166}},
    {"Nginx Proxy Manager, fallback host",
     "nginx_proxy_manager",
     R"([23/Nov/2026:03:02:00 +0000] 404 - GET http localhost "/shop" [Client 192.0.2.7] [Length 150] [Gzip 3.23] "curl - 8.5" "-")",
     {.site = "localhost", .user_agent = "curl - 8.5", .status = 404, .bytes = 150}},
    {"ingress-nginx",
     "ingress_nginx",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" 437 0.250 [shop-web-80] [] 10.42.0.9:8080 612 0.248 200 5f0d8a)",
     {.bytes_in = 437, .request_seconds = 0.25, .upstream_seconds = 0.248}},
    {"ingress-nginx, several upstreams",
     "ingress_nginx",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" 437 0.350 [shop-web-80] [alt] 10.42.0.9:8080, 10.42.0.8:8080 : 10.42.0.7:8080 0, 0 : 612 0.100, - : 0.200 502, 504 : 200 5f0d8a)",
     {.bytes_in = 437, .request_seconds = 0.35, .upstream_seconds = 0.3}},
    {"ingress-nginx, none asked",
     "ingress_nginx",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 404 612 "-" "curl/8.5" 90 0.000 [upstream-default-backend] [] - - - - 5f0d8a)",
     {.status = 404, .bytes_in = 90, .request_seconds = 0}},
    {"ingress-nginx before 0.22",
     "ingress_nginx",
     R"(192.0.2.7 - [192.0.2.7] - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" 437 0.250 [shop-web-80] 10.42.0.9:8080 612 0.248 200)",
     {.bytes_in = 437, .request_seconds = 0.25, .upstream_seconds = 0.248}},
    {"Traefik",
     "traefik_clf",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" 12 "shop@docker" "http://10.0.0.5:80" 15ms)",
     {.request_seconds = 0.015}},
    {"Traefik by itself",
     "traefik_clf",
     R"(192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" - - "-" "-" 13 "-" "-" 0ms)",
     {.user_agent = "", .status = 0, .bytes = 0, .request_seconds = 0}},
    {"Traefik behind a proxy that it trusts",
     "traefik_clf",
     R"(203.0.113.9, 192.0.2.7 - - [23/Nov/2026:03:02:00 +0000] "GET /shop HTTP/1.1" 200 612 "-" "curl/8.5" 12 "shop@docker" "http://10.0.0.5:80" 15ms)",
     {.request_seconds = 0.015}},
    {"Traefik, JSON",
     "traefik_json",
     R"({"ClientAddr":"192.0.2.7:4711","ClientHost":"192.0.2.7","ClientPort":"4711","ClientUsername":"-","DownstreamContentSize":612,"DownstreamStatus":200,"Duration":15750000,"OriginContentSize":612,"OriginDuration":15000000,"OriginStatus":200,"RequestContentSize":42,"RequestCount":5,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/shop?q","RequestProtocol":"HTTP/2.0","ServiceURL":{"Scheme":"http","User":null},"StartLocal":"2026-11-23T08:46:58.5+05:45","StartUTC":"2026-11-23T03:01:58.523189830Z","entryPointName":"https","level":"info","msg":"","request_User-Agent":"curl/8.5","time":"2026-11-23T03:02:00Z"})",
     {.site = "shop.example",
      .bytes_in = 42,
      .request_seconds = 0.01575,
      .upstream_seconds = 0.015}},
    {"Traefik, JSON without time",
     "traefik_json",
     R"({"ClientHost":"192.0.2.7","DownstreamContentSize":612,"DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/shop","StartLocal":"2026-11-23T08:46:58.5+05:45","StartUTC":"2026-11-23T03:02:00.123456789Z"})",
     {.time = "2026-11-23T03:02:00.123Z", .user_agent = ""}},
    {"Caddy",
     "caddy_json",
     R"({"level":"info","ts":1795402920.1239998,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.0.0.1","remote_port":"4711","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/shop?q","headers":{"User-Agent":["curl/8.5"],"Accept":["*/*"]},"tls":{"resumed":false,"version":772}},"bytes_read":7,"user_id":"","duration":0.000929675,"size":612,"status":200,"resp_headers":{"Server":["Caddy"],"status":["500"]}})",
     {.time = "2026-11-23T03:02:00.123Z",
      .site = "shop.example",
      .bytes_in = 7,
      .request_seconds = 0.000929675}},
    {"Caddy, time as ISO 8601",
     "caddy_json",
     R"({"level":"error","ts":"2026-11-23T08:47:00.000+0545","logger":"http.log.access","request":{"remote_ip":"192.0.2.7","method":"GET","host":"shop.example","uri":"/shop","headers":{}},"duration":1.5,"size":0,"status":502})",
     {.site = "shop.example", .user_agent = "", .status = 502, .bytes = 0, .request_seconds = 1.5}},
    {"Caddy, time as RFC 3339",
     "caddy_json",
     R"({"ts":"2026-11-23T03:02:00Z","request":{"remote_addr":"192.0.2.7:4711","method":"GET","uri":"/shop"},"size":612,"status":200})",
     {.user_agent = ""}},
    {"Caddy, milliseconds",
     "caddy_json",
     R"({"ts":1795402920000.25,"request":{"remote_ip":"192.0.2.7","method":"GET","uri":"/shop"},"size":612,"status":200})",
     {.user_agent = ""}},
    {"JSON",
     "json",
     R"({"time_iso8601":"2026-11-23T03:02:00+00:00","remote_addr":"192.0.2.7","request":"GET /shop?q HTTP/1.1","status":"200","body_bytes_sent":"612","http_user_agent":"curl\/8.5","request_length":"99","request_time":"0.5","upstream_response_time":"0.1, 0.2","server_name":"shop.example"})",
     {.site = "shop.example", .bytes_in = 99, .request_seconds = 0.5, .upstream_seconds = 0.3}},
    {"JSON with other names", "json", R"({"@timestamp":"2026-11-23T03:02:00Z","client_ip":"192.0.2.7","method":"GET","path":"/shop","status":200,"bytes_sent":612,"user_agent":"curl/8.5","host":null})", {}},
};

void ExpectSame(const LogEntry& entry, const Expected& expected) {
  const auto same = [](double a, double b) {
    return std::isnan(a) ? std::isnan(b) : std::abs(a - b) < 1e-9;
  };
  EXPECT_EQ(FormatTime(entry.time), expected.time);
  EXPECT_EQ(entry.client, expected.client);
  EXPECT_EQ(entry.method, expected.method);
  EXPECT_EQ(entry.path, expected.path);
  EXPECT_EQ(entry.site, expected.site);
  EXPECT_EQ(entry.user_agent, expected.user_agent);
  EXPECT_EQ(entry.status, expected.status);
  EXPECT_EQ(entry.bytes, expected.bytes);
  EXPECT_EQ(entry.bytes_in, expected.bytes_in);
  EXPECT_TRUE(same(entry.request_seconds, expected.request_seconds)) << entry.request_seconds;
  EXPECT_TRUE(same(entry.upstream_seconds, expected.upstream_seconds)) << entry.upstream_seconds;
}

TEST(LogFormats, AreReadFromTheTable) {
  for (const auto& c : kLines) {
    SCOPED_TRACE(c.name);
    const auto parser = MakeLineParser(c.format, {});
    ASSERT_TRUE(parser);
    for (const char* end : {"", "\r"}) {
      const std::string line = std::string(c.line) + end;
      LogEntry entry;
      ASSERT_EQ(ToString((*parser)->Parse(line, entry)), "");
      ExpectSame(entry, c.expected);
    }
  }
}

TEST(LogFormats, AreGuessedFromOneLine) {
  for (const auto& c : kLines) {
    SCOPED_TRACE(c.name);
    const LineOptions options;
    LineReader reader(options);
    int told = 0;
    const LineHandlers handlers{[&](const LogEntry& entry) {
                                  ++told;
                                  ExpectSame(entry, c.expected);
                                },
                                [](const BadLine& bad) { ADD_FAILURE() << bad.text; },
                                [] { ADD_FAILURE(); }};
    reader.OnLine(c.line, LineFault::kNone, handlers);
    reader.Flush(handlers);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(reader.format(), c.format);
    EXPECT_EQ(reader.wrapper(), Wrapper::kNone);
  }
}

// Every name has a line above.
TEST(LogFormats, AreAllInTheTable) {
  for (const auto name : FormatNames()) {
    EXPECT_TRUE(std::any_of(kLines.begin(), kLines.end(), [&](const Case& c) {
      return c.format == name;
    })) << name;
    EXPECT_NE(AllowedFormats().find(std::string(name)), std::string::npos);
  }
}

// A line that is cut anywhere is not counted as another one: what is behind the size alone may be
// missing unnoticed where the format ends there.
TEST(LogFormats, RefuseEveryBeginningOfALine) {
  for (const auto& c : kLines) {
    if (c.format == std::string_view("common")) continue;
    SCOPED_TRACE(c.name);
    const auto parser = *MakeLineParser(c.format, {});
    const std::string_view line = c.line;
    // Words behind words: nothing tells that the last ones of ingress-nginx are missing.
    const bool words = c.format == std::string_view("ingress_nginx");
    const size_t last = words ? line.rfind(']') : line.size();
    for (size_t cut = 0; cut < last; ++cut) {
      LogEntry entry;
      EXPECT_NE(parser->Parse(line.substr(0, cut), entry), LineFault::kNone) << line.substr(0, cut);
    }
  }
}

TEST(LogFormats, SurviveAnyByteAnywhere) {
  for (const auto& c : kLines) {
    const auto parser = *MakeLineParser(c.format, {});
    std::string line = c.line;
    for (size_t at = 0; at < line.size(); ++at) {
      for (const char byte : {'\0', '"', '\\', ' ', '\xff', '{', '}', '[', '\n'}) {
        const char before = std::exchange(line[at], byte);
        LogEntry entry;
        parser->Parse(line, entry);
        line[at] = before;
      }
    }
  }
}

TEST(LogFormats, TellTheReasonOfTheFormThatCameFurthest) {
  const auto parser = *MakeLineParser("nginx_proxy_manager", {});
  const auto why = [&](std::string_view line) {
    LogEntry entry;
    return ToString(parser->Parse(line, entry));
  };
  const std::string stamp = "[23/Nov/2026:03:02:00 +0000] ";
  const std::string behind = R"( [Gzip -] "x" "-")";
  EXPECT_EQ(why(stamp + R"(2x0 - GET http h "/" [Client 192.0.2.7] [Length 1])" + behind),
            "bad_status");
  EXPECT_EQ(why(stamp + R"(200 - GET http h "/" [Client 192.0.2.7] [Length x])" + behind),
            "bad_size");
  EXPECT_EQ(why(stamp + R"(- 200 200 - GET http h "/" [Client 192.0.2.7] [Length x] [Gzip -] )" +
                R"([Sent-to 1] "x" "-")"),
            "bad_size");
  EXPECT_EQ(why("upstream timed out"), "bad_format");
}

TEST(LogFormats, ReadNestedJsonKeys) {
  const auto parser = MakeLineParser("json", {{"status", "http.response.status"},
                                              {"remote_addr", "source.ip"},
                                              {"request_time_ms", "event.took"},
                                              {"time", "@timestamp"}});
  ASSERT_TRUE(parser);
  LogEntry entry;
  ASSERT_EQ((*parser)->Parse(R"({"http":{"x":{"status":1},"response":{"status":503,"b":[{}]}},)"
                             R"("source.ip":"192.0.2.7","event":{"took":1500},"status":"up",)"
                             R"("@timestamp":"2026-11-23T03:02:00Z"})",
                             entry),
            LineFault::kNone);
  EXPECT_EQ(entry.status, 503);
  EXPECT_EQ(entry.client, "192.0.2.7") << "a flat key with a dot";
  EXPECT_DOUBLE_EQ(entry.request_seconds, 1.5);
}

TEST(LogFormats, ResolveEveryJsonEscape) {
  const auto parser = *MakeLineParser("json", {});
  LogEntry entry;
  ASSERT_EQ(parser->Parse(R"({"time":"2026-11-23T03:02:00Z","status":200,"path":)"
                          R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\ud800\u12"})",
                          entry),
            LineFault::kNone);
  EXPECT_EQ(entry.path, "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBDu12");
}

TEST(LogFormats, ReadTimesOfEveryKind) {
  const auto parser = *MakeLineParser("json", {});
  const auto time = [&](const std::string& value) -> std::string {
    LogEntry entry;
    const auto fault = parser->Parse(R"({"status":200,"time":)" + value + "}", entry);
    return fault == LineFault::kNone ? FormatTime(entry.time) : std::string(ToString(fault));
  };
  EXPECT_EQ(time("0"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time("1795402920"), "2026-11-23T03:02:00Z");
  EXPECT_EQ(time("1795402920.9999"), "2026-11-23T03:02:00.999Z");
  EXPECT_EQ(time("253402300799"), "9999-12-31T23:59:59Z");
  EXPECT_EQ(time("1795402920123"), "2026-11-23T03:02:00.123Z");
  EXPECT_EQ(time("1795402920123456"), "2026-11-23T03:02:00.123Z");
  EXPECT_EQ(time("1795402920123456789"), "2026-11-23T03:02:00.123Z");
  EXPECT_EQ(time(R"("31/Dec/2016:23:59:60 +0000")"), "2017-01-01T00:00:00Z") << "a leap second";
  EXPECT_EQ(time(R"("2016-12-31T23:59:60Z")"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(time(R"("2026-11-23T08:47:00+0545")"), "2026-11-23T03:02:00Z");
  EXPECT_EQ(time(R"("2026-11-22T19:02:00.5-08:00")"), "2026-11-23T03:02:00.500Z");
  for (const char* bad :
       {R"("2026-11-23T03:02:00")", R"("2026-11-23T03:02:00.Z")", R"("2026-11-23 03:02:00Z")",
        R"("1970-01-01T00:00:00+00:01")", R"("0000-11-29T10:00:00Z")",
        R"("9999-12-31T23:59:59-00:01")", R"("01/Jan/1970:00:00:00 +1400")",
        R"("2026-13-23T03:02:00Z")", R"("2026-11-23T24:02:00Z")", R"("2026-11-23T03:02:00+5:45")",
        R"("2026-11-23T03:02:00+24:00")", R"("12x6-11-23T03:02:00Z")", "-1", "1e9", "1.", "true",
        "99999999999999999999", R"("31/Dec/20x6:23:59:60 +0000")", R"("")"}) {
    EXPECT_EQ(time(bad), "bad_time") << bad;
  }
}

}  // namespace
}  // namespace aiops
