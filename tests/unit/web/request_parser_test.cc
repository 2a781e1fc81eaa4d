#include "web/front/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aiops {
namespace {

using State = RequestParser::State;

// What came of the bytes, as text: "more", the status of a refusal, or the request.
std::string Outcome(RequestParser& parser, State state) {
  if (state == State::kNeedsMore) return "more";
  if (state == State::kRefused) return std::to_string(parser.refusal().status);
  const WebRequest r = parser.Take();
  return r.method + " " + r.path + "?" + r.query + " host=" + r.host + " origin=" + r.origin +
         " accept=" + r.accept + " type=" + r.content_type + " auth=" + r.authorization +
         " body=" + r.body;
}

std::string Whole(const std::string& bytes) {
  RequestParser parser;
  return Outcome(parser, parser.Feed(bytes));
}

std::string InPieces(const std::string& bytes, size_t size) {
  RequestParser parser;
  State state = State::kNeedsMore;
  for (size_t at = 0; at < bytes.size(); at += size) state = parser.Feed(bytes.substr(at, size));
  return Outcome(parser, state);
}

// Fed whole, byte by byte and in pieces: the same.
std::string Parse(const std::string& bytes) {
  const std::string whole = Whole(bytes);
  for (const size_t size : {1, 2, 3, 7, 1000}) {
    EXPECT_EQ(InPieces(bytes, size), whole) << "pieces of " << size << ": " << bytes.substr(0, 80);
  }
  return whole;
}

std::string Get(const std::string& target, const std::string& headers = "Host: a\r\n") {
  return Parse("GET " + target + " HTTP/1.1\r\n" + headers + "\r\n");
}

std::string Post(const std::string& headers, const std::string& body) {
  return Parse("POST /run HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body);
}

const std::string kPosted = "POST /run? host=a origin= accept= type= auth= body=";

TEST(RequestParser, ReadsAHead) {
  EXPECT_EQ(Get("/anomalies?hours=2&x=%20",
                "hOST:aiops:8100\r\nOrigin: http://aiops\r\n"
                "Accept: text/html \r\nX-Other: \xe9\t.\r\n"
                "ACCEPT:\t*/*\r\nContent-Type: application/json\r\n"
                "Authorization:  Basic YQ==\r\n"),
            "GET /anomalies?hours=2&x=%20 host=aiops:8100 origin=http://aiops "
            "accept=text/html, */* type=application/json auth=Basic YQ== body=");
}

TEST(RequestParser, NeedsEveryByteOfARequest) {
  for (const std::string& request :
       {std::string("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
        std::string("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "2;n=v\r\nab\r\n1\r\nc\r\n0\r\nA: b\r\n\r\n")}) {
    for (size_t n = 0; n < request.size(); ++n) {
      EXPECT_EQ(Whole(request.substr(0, n)), "more") << request.substr(0, n);
      RequestParser parser;
      parser.Feed(request.substr(0, n));
      EXPECT_EQ(parser.End(), State::kRefused);
      EXPECT_EQ(parser.refusal().status, 400);
    }
    EXPECT_EQ(Parse(request).find("more"), std::string::npos);
  }
}

TEST(RequestParser, IgnoresWhatComesBehind) {
  EXPECT_EQ(Post("Content-Length: 2\r\n", "{}GET / HTTP/1.1\r\n\r\n"), kPosted + "{}");
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\x01\n garbage"),
            "GET /? host=a origin= accept= type= auth= body=");
}

TEST(RequestParser, RefusesWrongRequestLines) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"GET / HTTP/1.1 ", "400"},
      {"GET  / HTTP/1.1", "400"},
      {"GET /  HTTP/1.1", "400"},
      {" GET / HTTP/1.1", "400"},
      {"GET\t/ HTTP/1.1", "400"},
      {"GET /\tx HTTP/1.1", "400"},
      {"GET /", "400"},
      {"GET", "400"},
      {"", "400"},
      {"GET / http/1.1", "400"},
      {"GET / HTTP/1.1x", "400"},
      {"GET / HTTP/11", "400"},
      {"GET / HTTP/1.2", "505"},
      {"GET / HTTP/2.0", "505"},
      {"PRI * HTTP/2.0", "505"},
      {"GET / HTTP/0.9", "505"},
      {"BREW /pot HTTP/1.1", "405"},
      {"get / HTTP/1.1", "405"},
      {"TRACE / HTTP/1.1", "405"},
      {"CONNECT a:80 HTTP/1.1", "405"},
      {"G@T / HTTP/1.1", "400"},
      {"OPTIONS * HTTP/1.1", "400"},
      {std::string("GET /\0 HTTP/1.1", 15), "400"},
      {"GET /\x7f HTTP/1.1", "400"},
      {"GET /\x1b[0m HTTP/1.1", "400"},
  };
  for (const auto& [line, status] : cases) {
    EXPECT_EQ(Parse(line + "\r\nHost: a\r\n\r\n"), status) << line;
  }
}

TEST(RequestParser, KnowsTheMethodsThatARouteMayRefuse) {
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    EXPECT_TRUE(Parse(method + " / HTTP/1.1\r\nHost: a\r\n\r\n").starts_with(method + " /?"));
  }
}

TEST(RequestParser, RefusesWrongTargets) {
  for (const char* target : {"metrics",      "*",
                             "a:80",         "http:/x",
                             "ftp://a/x",    "file:///etc/passwd",
                             "http://",      "http:///x",
                             "http://a b/",  "http://u@a/",
                             "http://[::1/", "http://a:b/",
                             "/%",           "/%2",
                             "/%zz",         "/%00",
                             "/a%00b",       "/x#y",
                             "/\xc3\xa9",    "javascript://a/x"}) {
    EXPECT_EQ(Get(target), "400") << target;
  }
  EXPECT_TRUE(Get("/%41?%").starts_with("GET /%41?% "));  // the query is judged by its reader
}

TEST(RequestParser, TakesTheHostOfAnAbsoluteTarget) {
  const auto expected = [](const std::string& path, const std::string& host) {
    return "GET " + path + " host=" + host + " origin= accept= type= auth= body=";
  };
  EXPECT_EQ(Get("http://b:81/x?y", "Host: a\r\n"), expected("/x?y", "b:81"));
  EXPECT_EQ(Get("HTTPS://[::1]", "Host: a\r\n"), expected("/?", "[::1]"));
  EXPECT_EQ(Get("http://b?q", "Host: a\r\n"), expected("/?q", "b"));
  EXPECT_EQ(Get("http://b/", ""), "400");  // HTTP/1.1 has a Host in any case
}

TEST(RequestParser, ChecksTheHost) {
  for (const char* host :
       {"a", "a.b-c_d.", "192.0.2.1:8100", "[::1]", "[::1]:8100", "a:", "a:65535"})
    EXPECT_TRUE(Get("/", std::string("Host: ") + host + "\r\n").starts_with("GET /")) << host;
  for (const char* host : {"", "a b", "[::1", "::1", "[::1]x", "[fe80::1%25eth0]", "[a]", "a:b",
                           "a:-1", "a:65536", "a,b", "a/b", "u@a", "http://a", "\xc3\xa9", "[]"})
    EXPECT_EQ(Get("/", std::string("Host: ") + host + "\r\n"), "400") << host;
  EXPECT_EQ(Get("/", "Host: " + std::string(301, 'a') + "\r\n"), "400");
  EXPECT_EQ(Get("/", "Host: a\r\nHost: a\r\n"), "400");
  EXPECT_EQ(Get("/", "Accept: */*\r\n"), "400");
  EXPECT_EQ(Parse("GET / HTTP/1.0\r\n\r\n"), "GET /? host= origin= accept= type= auth= body=");
}

TEST(RequestParser, RefusesWrongHeaders) {
  for (const std::string& line :
       {std::string("X : y"), std::string(" X: y"), std::string("\tfolded"), std::string(": y"),
        std::string("X"), std::string("X y: z"), std::string("X: a\rb"), std::string("X: \x1b[31m"),
        std::string("X: a\0b", 6), std::string("X\0: a", 5), std::string("X: \x7f"),
        std::string("X\xe9: y")}) {
    EXPECT_EQ(Get("/", "Host: a\r\n" + line + "\r\n"), "400") << line;
  }
  for (const char* once : {"Origin", "Content-Type", "Authorization"}) {
    const std::string line = std::string(once) + ": x\r\n";
    EXPECT_EQ(Get("/", "Host: a\r\n" + line + line), "400") << once;
  }
}

TEST(RequestParser, RefusesBareLineEnds) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\nHost: a\n\n"), "400");
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: a\n\r\n"), "400");
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: a\r\n\n"), "400");
  EXPECT_EQ(Parse("GET / HTTP/1.1\rHost: a\r\r\n\r\n"), "400");
  EXPECT_EQ(Parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
}

TEST(RequestParser, ReadsBodies) {
  EXPECT_EQ(Post("Content-Length: 0\r\n", ""), kPosted);
  EXPECT_EQ(Post("content-length: 003\r\n", "a\r\n"), kPosted + "a\r\n");
  EXPECT_EQ(Post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), kPosted);
  EXPECT_EQ(
      Post("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n2 ;x=\"y\"\r\nab\r\n00\r\n\r\n"),
      kPosted + "0123456789ab");
  const std::string full(kMaxRequestBody, 'x');
  EXPECT_EQ(Post("Content-Length: 65536\r\n", full), kPosted + full);
  EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", "10000\r\n" + full + "\r\n0\r\n\r\n"),
            kPosted + full);
}

TEST(RequestParser, RefusesBodiesThatTwoReadersWouldFrameDifferently) {
  for (const char* headers :
       {"Content-Length: 2\r\nContent-Length: 2\r\n", "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 2, 2\r\n",
        "Content-Length: +2\r\n", "Content-Length: -1\r\n", "Content-Length: 2x\r\n",
        "Content-Length: 0x2\r\n", "Content-Length:\r\n", "Content-Length : 2\r\n",
        "Transfer-Encoding : chunked\r\n"}) {
    EXPECT_EQ(Post(headers, "{}"), "400") << headers;
  }
  for (const char* coding :
       {"gzip", "gzip, chunked", "chunked, identity", "identity", "xchunked", ""})
    EXPECT_EQ(Post(std::string("Transfer-Encoding: ") + coding + "\r\n", "{}"), "501") << coding;
  EXPECT_EQ(Parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400");
  for (const char* chunks : {"\r\n", "x\r\n", "-1\r\n", " 1\r\na\r\n", "1\na\r\n", "1\r\nab\r\n",
                             "1\r\na\n0\r\n\r\n", "0x1\r\na\r\n", "0\r\nA : b\r\n\r\n",
                             "0\r\nno colon\r\n\r\n", "000000001\r\na\r\n", "1;\x01\r\na\r\n"}) {
    EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", chunks), "400") << chunks;
  }
}

TEST(RequestParser, BoundsEverything) {
  EXPECT_EQ(Post("Content-Length: 65537\r\n", ""), "413");
  EXPECT_EQ(Post("Content-Length: 99999999999999999999999999\r\n", ""), "413");
  EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", "10001\r\n"), "413");
  EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", "ffffffff\r\n"), "413");
  EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", "1;" + std::string(300, 'x')), "400");
  std::string tiny;
  for (int i = 0; i < 60'000; ++i) tiny += "1;abc\r\nx\r\n";
  EXPECT_EQ(Post("Transfer-Encoding: chunked\r\n", tiny), "413");
  EXPECT_EQ(Parse("GET /" + std::string(20'000, 'a')), "414");
  EXPECT_EQ(Parse(std::string(20'000, 'a')), "414");
  EXPECT_EQ(Get("/", "Host: a\r\nX: " + std::string(20'000, 'b') + "\r\n"), "431");
  std::string many = "Host: a\r\n";
  for (int i = 0; i < 3000; ++i) many += "A: b\r\n";
  EXPECT_EQ(Get("/", many), "431");
}

// The limits hold at their byte.
TEST(RequestParser, TakesTheLargestHead) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ", end = "\r\n\r\n";
  const std::string fill(kMaxRequestHead - begin.size() - end.size(), 'x');
  EXPECT_TRUE(Parse(begin + fill + end).starts_with("GET /"));
  EXPECT_EQ(Parse(begin + fill + "x" + end), "431");
  const std::string target = "/" + std::string(kMaxRequestLine - 16, 'x');
  EXPECT_TRUE(Get(target).starts_with("GET /x"));
  EXPECT_EQ(Get(target + "x"), "414");
}

TEST(RequestParser, KnowsWhoWaitsForContinue) {
  const auto waits = [](const std::string& bytes) {
    RequestParser parser;
    parser.Feed(bytes);
    return parser.WaitsForContinue();
  };
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n";
  EXPECT_TRUE(waits(head + "Content-Length: 2\r\n\r\n"));
  EXPECT_TRUE(waits(head + "Transfer-Encoding: chunked\r\n\r\n"));
  EXPECT_FALSE(waits(head + "Content-Length: 2\r\n"));
  EXPECT_FALSE(waits(head + "Content-Length: 2\r\n\r\n{"));
  EXPECT_FALSE(waits(head + "Content-Length: 0\r\n\r\n"));
  EXPECT_FALSE(waits(head + "Content-Length: 65537\r\n\r\n"));
  EXPECT_FALSE(waits("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_FALSE(waits("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(Get("/", "Host: a\r\nExpect: miracles\r\n"), "417");
}

}  // namespace
}  // namespace aiops
