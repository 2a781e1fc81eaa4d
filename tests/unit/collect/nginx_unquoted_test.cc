// Formats of people who put no quotes around what has blanks, and hosts and addresses with colons.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collect/nginx/line_parser.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;

const std::string kStamp = "23/Nov/2026:03:02:00 +0000";

struct Expected {
  const char* client = "192.0.2.7";
  const char* path = "/a";
  const char* user_agent = "";
  const char* site = "";
  int status = 502;
};

struct Case {
  const char* format;
  std::string line;
  Expected expected;
};

const std::vector<Case> kCases{
    {"$time_local $status $request $remote_addr", kStamp + " 502 GET /a?b HTTP/1.1 192.0.2.7", {}},
    {"$request $status $time_local $remote_addr",
     "GET /a 200 " + kStamp + " HTTP/1.1 502 " + kStamp + " 192.0.2.7",
     {}},
    {"$remote_addr $request [$time_local] $status",
     "192.0.2.7 GET /a [" + kStamp + "] 200 HTTP/1.1 [" + kStamp + "] 502",
     {}},
    {"[$time_local] $status $http_user_agent $remote_addr",
     "[" + kStamp + "] 502 Mozilla 5.0 192.0.2.7",
     {.path = "", .user_agent = "Mozilla 5.0"}},
    {"$http_user_agent $status $time_local",
     "curl 200 " + kStamp + " 502 " + kStamp,
     {.client = "", .path = "", .user_agent = "curl 200 23/Nov/2026:03:02:00 +0000"}},
    {"$remote_addr|$request|$status|$time_local", "192.0.2.7|GET /a |200|b|502|" + kStamp, {}},
    {"$request $status \"$http_user_agent\" $remote_addr $time_local",
     R"(GET /a 200 HTTP/1.1 502 "x 1" 192.0.2.7 )" + kStamp,
     {.user_agent = "x 1"}},
    {"$remote_addr $time_local $request $status \"$http_user_agent\"",
     "192.0.2.7 " + kStamp + " GET /a 1 502 \"x\" appended 200 \"y\"",
     {.user_agent = "x"}},
    {"$time_local $request $upstream_status $upstream_response_time $status $remote_addr",
     kStamp + " GET /a HTTP/1.1 502, 200 : 200 0.1, 0.2 : - 502 192.0.2.7",
     {}},
    {"$request $remote_addr:$remote_port $host:$server_port $status $time_local",
     "GET /a HTTP/1.1 2001:db8::7:4711 [::1]:443 502 " + kStamp,
     {.client = "2001:db8::7", .site = "[::1]"}},
    {"$time_local $request ua=$http_user_agent st=$status $remote_addr",
     kStamp + " GET /a HTTP/1.1 ua=Mozilla 5.0 st=502 192.0.2.7",
     {.user_agent = "Mozilla 5.0"}},
    {"$time_local $request $status ua=$http_user_agent $remote_addr",
     kStamp + " GET /a 200 HTTP/1.1 502 ua=Mozilla 5.0 192.0.2.7",
     {.user_agent = "Mozilla 5.0"}},
    {"$status\t$request\t$http_user_agent\t$remote_addr\t$time_local",
     "502\tGET /a HTTP/1.1\tMozilla 5.0\t192.0.2.7\t" + kStamp,
     {.user_agent = "Mozilla 5.0"}},
    {"$remote_addr - $remote_user $host [$time_local] \"$request\" $status",
     "192.0.2.7 - j o shop.example [" + kStamp + "] \"GET /a HTTP/1.1\" 502",
     {.site = "shop.example"}},
    {"$remote_addr $time_local $uri $status",
     "192.0.2.7 " + kStamp + " /a b 502",
     {.path = "/a b"}},
    {"$http_x_forwarded_for $remote_addr $status $time_local $request",
     "203.0.113.9, 10.0.0.1 192.0.2.7 502 " + kStamp + " GET /a HTTP/1.1",
     {}},
    {"$remote_addr, $status, $time_local, $upstream_response_time, $bytes_sent",
     "192.0.2.7, 502, " + kStamp + ", 0.1, 0.2, 99",
     {.path = ""}},
    {"$request $status $time_local $remote_addr $http_x_forwarded_for",
     "GET /a HTTP/1.1 502 " + kStamp + " 192.0.2.7 203.0.113.9, 10.0.0.1",
     {}},
    {"apache_combined",
     "[2001:db8::1]:443 2001:db8::7 ident j o [" + kStamp + "] \"GET /a\" 502 0 \"-\" \"x\"",
     {.client = "2001:db8::7", .user_agent = "x", .site = "[2001:db8::1]"}},
    {"$remote_addr:$remote_port [$time_local] $status",
     "unix:: [" + kStamp + "] 502",
     {.client = "unix", .path = ""}},
    {"$host:$server_port $remote_addr [$time_local] $status",
     "[2001:db8::1]:443 192.0.2.7 [" + kStamp + "] 502",
     {.path = "", .site = "[2001:db8::1]"}},
};

TEST(NginxUnquoted, LeavesWhatFollowsWhatItNeeds) {
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.format);
    const auto parser = MakeLineParser(c.format, {});
    ASSERT_TRUE(parser) << parser.error().message;
    LogEntry entry;
    EXPECT_EQ(ToString((*parser)->Parse(c.line, entry)), "") << c.line;
    EXPECT_EQ(FormatTime(entry.time), "2026-11-23T03:02:00Z");
    EXPECT_EQ(entry.client, c.expected.client);
    EXPECT_EQ(entry.path, c.expected.path);
    EXPECT_EQ(entry.user_agent, c.expected.user_agent);
    EXPECT_EQ(entry.site, c.expected.site);
    EXPECT_EQ(entry.status, c.expected.status);
  }
}

TEST(NginxUnquoted, RefusesWhatNothingTellsApart) {
  for (const char* format : {"$time_local $status $request $http_user_agent",
                             "$request $status $http_cookie $time_local",
                             "$http_user_agent, $status, $request, $time_local"}) {
    const auto parser = MakeLineParser(format, {});
    ASSERT_FALSE(parser) << format;
    EXPECT_THAT(parser.error().message, HasSubstr("put quotes around them"));
  }
  const auto parser = MakeLineParser("$time_local $status $request $http_user_agent", {});
  EXPECT_EQ(parser.error().message,
            "nothing tells where $request ends and $http_user_agent begins, for both have blanks: "
            "put quotes around them, \"$request\", here and in the log_format of Nginx");
}

// Whatever a stranger asks for: the status is that of the line, and so are client and time.
TEST(NginxUnquoted, IsNotFooledByARequest) {
  std::mt19937 random(1);
  const std::vector<std::string> words{"GET",       "/",      "HTTP/1.1", "200",
                                       "192.0.2.1", kStamp,   "-",        "[" + kStamp + "]",
                                       "|",         "st=200", "x"};
  for (const char* format :
       {"$time_local $status $request $remote_addr", "$request $status $remote_addr $time_local",
        "$remote_addr [$time_local] $request $status", "$request|$status|$time_local|$remote_addr",
        "$time_local $request st=$status $remote_addr",
        "$request [$time_local] $remote_addr $status \"$http_referer\""}) {
    SCOPED_TRACE(format);
    const auto parser = *MakeLineParser(format, {});
    for (int i = 0; i < 2000; ++i) {
      std::string request;
      for (auto n = random() % 8; n > 0; --n)
        request += (request.empty() ? "" : " ") + words[random() % words.size()];
      std::string line = format;
      for (const auto& [name, value] :
           std::initializer_list<std::pair<const char*, std::string>>{{"$time_local", kStamp},
                                                                      {"$status", "502"},
                                                                      {"$remote_addr", "192.0.2.7"},
                                                                      {"$http_referer", "a b"},
                                                                      {"$request", request}}) {
        if (const size_t at = line.find(name); at != std::string::npos)
          line.replace(at, std::string_view(name).size(), value);
      }
      LogEntry entry;
      ASSERT_EQ(ToString(parser->Parse(line, entry)), "") << line;
      ASSERT_EQ(entry.status, 502) << line;
      ASSERT_EQ(entry.client, "192.0.2.7") << line;
      ASSERT_EQ(FormatTime(entry.time), "2026-11-23T03:02:00Z") << line;
    }
  }
}

// Neither a cut nor a byte elsewhere makes it read what is not there.
TEST(NginxUnquoted, SurvivesCutAndBrokenLines) {
  for (const auto& c : kCases) {
    const auto parser = *MakeLineParser(c.format, {});
    LogEntry entry;
    for (size_t cut = 0; cut < c.line.size(); ++cut) {
      parser->Parse(c.line.substr(0, cut), entry);
      for (const char byte : {'\0', '"', ' ', ',', ':', '[', '|'}) {
        std::string line = c.line;
        line[cut] = byte;
        parser->Parse(line, entry);
      }
    }
  }
}

}  // namespace
}  // namespace aiops
