// What is told about the time of an anomaly, against a recount of all its requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

#include "collect/nginx/log_explanation.h"
#include "text/sanitize.h"
#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Time kNow = FromUnixMillis(1'700'000'040'000);
const Window kWindow{kNow - minutes(10), kNow};

struct Request {
  Time time = kNow - seconds(30);
  int status = 200;
  std::string path = "/";
  std::string client = "192.0.2.1";
  std::string agent = "curl/7";
  std::string method = "GET";
  double took = NAN;
};

class NginxEvidence : public ::testing::Test {
 protected:
  void Add(const Request& request, int times = 1, Time now = kNow) {
    LogEntry entry;
    entry.time = request.time;
    entry.status = request.status;
    entry.path = request.path;
    entry.client = request.client;
    entry.user_agent = request.agent;
    entry.method = request.method;
    entry.request_seconds = request.took;
    for (int i = 0; i < times; ++i) evidence_.Add(entry, now);
  }
  std::vector<std::string> Sentences(Window window = kWindow) const {
    std::vector<std::string> out;
    for (const auto& item : ExplainRequests(evidence_, window)) out.push_back(item.text);
    return out;
  }

  LogEvidence evidence_;
};

TEST_F(NginxEvidence, SumsWhatARecountSums) {
  std::mt19937 random(1);
  RequestSummary truth;
  for (int i = 0; i < 20'000; ++i) {
    Request request;
    request.time = kNow - milliseconds(random() % 1'200'000) - milliseconds(1);
    request.status = std::array{200, 302, 404, 499, 500, 503}[random() % 6];
    const std::string kind = std::string("abcdefghijklmnop").substr(random() % 16, 1);
    request.path = "/" + kind + "/" + std::to_string(random());
    const auto network = random() % 40;
    request.client = "10.0." + std::to_string(network) + "." + std::to_string(random() % 256);
    request.method = std::array{"GET", "POST", "BREW", ""}[random() % 4];
    Add(request);
    if (request.time < kWindow.from) continue;
    const std::string key{10, 0, static_cast<char>(network)};
    for (auto* counts : {&truth.all, &truth.paths["/" + kind + "/*"], &truth.networks[key]}) {
      ++counts->requests;
      counts->errors_4xx += request.status / 100 == 4;
      counts->errors_5xx += request.status / 100 == 5;
    }
    ++truth.methods[request.method == "GET" ? 0 : request.method == "POST" ? 2 : 7];
    ++truth.agents[static_cast<size_t>(AgentFamily::kCurl)];
  }
  const RequestSummary told = evidence_.Summarize(kWindow);
  const auto expect_same = [](const RequestCounts& a, const RequestCounts& b) {
    EXPECT_EQ(a.requests, b.requests);
    EXPECT_EQ(a.errors_4xx, b.errors_4xx);
    EXPECT_EQ(a.errors_5xx, b.errors_5xx);
    EXPECT_TRUE(a.exact);
  };
  expect_same(told.all, truth.all);
  ASSERT_EQ(told.paths.size(), truth.paths.size());
  for (const auto& [path, counts] : truth.paths) expect_same(told.paths.at(path), counts);
  ASSERT_EQ(told.networks.size(), truth.networks.size());
  for (const auto& [key, counts] : truth.networks) expect_same(told.networks.at(key), counts);
  EXPECT_EQ(told.methods, truth.methods);
  EXPECT_EQ(told.agents, truth.agents);
}

TEST_F(NginxEvidence, SaysWhatChanged) {
  const Time before = kWindow.from - minutes(10);
  Add({.time = before, .path = "/shop/1", .took = 0.1}, 100);
  Add({.path = "/shop/2", .took = 0.1}, 100);
  Add({.status = 502,
       .path = "/login",
       .client = "198.51.100.7",
       .agent = "python-requests/2",
       .method = "POST",
       .took = 2},
      300);
  EXPECT_THAT(
      Sentences(),
      ::testing::ElementsAre(
          "There were 400 (100 before) requests in 10m; answered with 4xx: 0 % (0 % before), with "
          "5xx: 75 % (0 % before).",
          "Path /login: 300 (0 before) requests, 0 (0 before) with 4xx, 300 (0 before) with 5xx.",
          "Path /shop/*: 100 (100 before) requests, 0 (0 before) with 4xx, 0 (0 before) with 5xx.",
          "Clients in 198.51.100.0/24: 300 (0 before) requests, 0 (0 before) with 4xx, 300 (0 "
          "before) with 5xx.",
          "Clients in 192.0.2.0/24: 100 (100 before) requests, 0 (0 before) with 4xx, 0 (0 "
          "before) with 5xx.",
          "Methods: GET 25 % (100 % before), POST 75 % (0 % before).",
          "User agents: curl 25 % (100 % before), Python 75 % (0 % before).",
          "Request time: p50 1.99 s (0.0992 s before), p95 1.99 s (0.0992 s before)."));
}

TEST_F(NginxEvidence, FindsErrorsOnPathsThatFewAskFor) {
  for (int i = 0; i < 10; ++i) {
    for (const Time t : {kNow - seconds(30), kWindow.from - minutes(10)})
      Add({.time = t, .path = std::string("/busy-") + static_cast<char>('a' + i)}, 100);
  }
  Add({.status = 500, .path = "/cart"}, 5);
  EXPECT_THAT(Sentences(), Contains(HasSubstr("Path /cart: 5 (0 before) requests")));
}

TEST_F(NginxEvidence, DoesNotCompareWithATimeThatItDidNotSee) {
  Add({}, 10);
  EXPECT_EQ(Sentences()[0],
            "There were 10 requests in 10m; answered with 4xx: 0 %, with 5xx: 0 %. Of the time "
            "before not all is known.");
  EXPECT_THAT(Sentences(), Not(Contains(HasSubstr("(0"))));
}

TEST_F(NginxEvidence, SaysNothingOfNothing) {
  EXPECT_THAT(Sentences(), IsEmpty());
  Add({});
  EXPECT_THAT(Sentences({kNow, kNow}), IsEmpty());
  EXPECT_THAT(Sentences({kNow, kNow - hours(1)}), IsEmpty());
  EXPECT_THAT(Sentences({kNow - hours(5), kNow - hours(4)}), IsEmpty());
}

TEST_F(NginxEvidence, LeavesOutWhatTheLogDoesNotHave) {
  Add({.client = "", .agent = ""}, 3);
  for (const auto& sentence : Sentences())
    EXPECT_THAT(sentence, Not(AllOf(HasSubstr("User"), HasSubstr("Clients"), HasSubstr("time:"))));
}

// Every field is chosen by a stranger, each line unlike all others.
TEST_F(NginxEvidence, IsBoundedAndCleanUnderHostileInput) {
  std::mt19937 random(1);
  const auto text = [&](unsigned long most) {
    std::string out;
    for (auto n = random() % most; n > 0; --n) out.push_back(static_cast<char>(random()));
    return out;
  };
  for (int i = 0; i < 50'000; ++i) {
    Add({.time = kNow - milliseconds(random() % 8'000'000),
         .status = static_cast<int>(random() % 1000),
         .path = "/" + text(200),
         .client = text(40),
         .agent = text(300),
         .method = text(20),
         .took = static_cast<double>(random())});
  }
  const RequestSummary summary = evidence_.Summarize({kNow - hours(3), kNow});
  EXPECT_LE(summary.paths.size(), 121 * SpaceSaving::kCounters);
  const auto evidence = ExplainRequests(evidence_, {kNow - hours(1), kNow});
  EXPECT_LE(evidence.size(), 16u);
  for (const auto& item : evidence) {
    EXPECT_EQ(item.text, Sanitize(item.text, 300));
    EXPECT_EQ(item.source, "nginx_log");
  }
}

TEST_F(NginxEvidence, KeepsTwoHoursAndNothingOfAClockThatWasSetBack) {
  Add({.time = kNow - hours(2) - seconds(1)});
  Add({.time = kNow + minutes(2)});
  EXPECT_EQ(evidence_.since(), std::nullopt);
  for (int minute = 0; minute < 300; ++minute) {
    const Time t = kNow + minutes(minute);
    Add({.time = t}, 1, t);
  }
  const Window all{kNow - hours(24), kNow + hours(24)};
  EXPECT_LE(evidence_.Summarize(all).all.requests, 121u);
  Add({.time = kNow - hours(9)}, 1, kNow - hours(9));
  EXPECT_EQ(evidence_.Summarize(all).all.requests, 1u);
}

TEST(NginxCollectorExplain, TellsOfTheLinesThatItRead) {
  NginxHarness h;
  const Time t = h.clock.Now();
  for (int i = 0; i < 5; ++i) {
    h.folder.Append(AccessLine(t + seconds(i), 404, 1, "203.0.113." + std::to_string(i),
                               "/user/" + std::to_string(i) + "?token=s3cret"));
  }
  ASSERT_TRUE(h.Tick(t + minutes(1)));
  std::string all;
  for (const auto& item : h.collector->Explain({t, t + minutes(1)})) all += item.text + "\n";
  EXPECT_THAT(all, AllOf(HasSubstr("There were 5 requests in 1m"),
                         HasSubstr("Path /user/*: 5 requests, 5 with 4xx"),
                         HasSubstr("Clients in 203.0.113.0/24: 5 requests"),
                         HasSubstr("Methods: GET 100 %"), Not(HasSubstr("s3cret"))));
}

}  // namespace
}  // namespace aiops
