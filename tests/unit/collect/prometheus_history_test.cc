// Reading history back: the plan, its pieces, what is asked again, kept and left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "collect/prometheus/history.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "unit/collect/prometheus_recorded.h"

namespace aiops::prom {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Time kBegin = FromUnixMillis(1'700'000'040'000);  // a whole minute

HttpResponse Matrix(const std::string& series, const std::string& more = "") {
  return Json(R"({"status":"success",)" + more + R"("data":{"resultType":"matrix","result":[)" +
              series + "]}}");
}

std::string SeriesAt(std::initializer_list<Time> times, const std::string& labels = "") {
  std::string values;
  for (const Time t : times)
    values += (values.empty() ? "[" : ",[") + std::to_string(UnixMillis(t) / 1000) + R"(,"1"])";
  return R"({"metric":{)" + labels + R"(},"values":[)" + values + "]}";
}

// How many points a request asks for, of which feature.
std::string Asked(const HttpRequest& request) {
  const auto field = [&](const std::string& name) {
    const auto at = request.body.find(name + "=") + name.size() + 1;
    return request.body.substr(at, request.body.find('&', at) - at);
  };
  const auto seconds_of = [&](const std::string& name) {
    return std::stoll(field(name).substr(0, field(name).find('.')));
  };
  return field("query") + " " +
         std::to_string((seconds_of("end") - seconds_of("start")) / seconds_of("step") + 1);
}

class PrometheusHistory : public ::testing::Test {
 protected:
  using Handler = std::function<Result<HttpResponse>(const HttpRequest&)>;
  Handler answer_ = [](const HttpRequest&) { return Matrix(""); };
  FakeHttpClient http_{
      [this](const HttpEndpoint&, const HttpRequest& request) { return answer_(request); }};
  ManualClock clock_{kBegin};
  CollectorContext context_{
      clock_, http_, minutes(1), {{{0, 0}, "a", {}, "a"}, {{0, 1}, "b", {}, "b"}}, {}};
  const Options options_ = [] {
    Options options;
    options.endpoint.base_url = "http://prom:9090";
    options.timeout = seconds(10);
    options.max_series = 3;
    options.max_body_bytes = 1 << 20;
    return options;
  }();
  HistoryHooks hooks_;

  Result<History> Read(Duration span, std::vector<size_t> features = {0}) {
    const auto plan =
        PlanHistory(features, {kBegin - minutes(1), kBegin - minutes(1) + span}, minutes(1));
    return ReadHistory(context_, options_, plan, hooks_, {});
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const auto& sent : http_.sent()) out.push_back(Asked(sent.request));
    return out;
  }
};

TEST_F(PrometheusHistory, ThePlanIsPiecesOfTwoThousandPoints) {
  const auto plan = PlanHistory({0, 1}, {kBegin - seconds(1), kBegin + minutes(4999)}, minutes(1));
  ASSERT_THAT(plan, SizeIs(6));
  size_t points = 0;
  for (const auto& query : plan) {
    EXPECT_LE(query.points(), 2000u);
    points += query.points();
  }
  EXPECT_EQ(points, 2u * 5000u);
  EXPECT_EQ(plan[0].first, kBegin);
  EXPECT_EQ(plan[1].feature, 1u);
  EXPECT_EQ(plan[2].first, plan[0].last + minutes(1));
  EXPECT_EQ(plan[5].last, kBegin + minutes(4999));
  EXPECT_THAT(PlanHistory({0}, {kBegin, kBegin + seconds(59)}, minutes(1)), IsEmpty());
}

TEST_F(PrometheusHistory, AsksOneAfterTheOther) {
  size_t done = 0;
  hooks_.progress = [&](size_t n) { done = n; };
  const auto history = Read(minutes(2500), {0, 1});
  ASSERT_TRUE(history);
  EXPECT_THAT(asked(), ElementsAre("a 2000", "b 2000", "a 500", "b 500"));
  EXPECT_EQ(done, 4u);
}

TEST_F(PrometheusHistory, WhatIsTooMuchIsAskedInHalves) {
  answer_ = [](const HttpRequest& request) -> Result<HttpResponse> {
    if (Asked(request) == "a 2000")
      return Json(R"({"status":"error","errorType":"execution","error":)"
                  R"("query processing would load too many samples into memory"})",
                  422);
    if (Asked(request) == "a 1000") return Timeout("no answer within 10s");
    return Matrix(SeriesAt({kBegin}));
  };
  const auto history = Read(minutes(2000));
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_THAT(asked(),
              ElementsAre("a 2000", "a 1000", "a 500", "a 500", "a 1000", "a 500", "a 500"));
  EXPECT_EQ(history->answered, 4u);
  EXPECT_FALSE(history->first_error);
}

TEST_F(PrometheusHistory, HalvingEnds) {
  answer_ = [](const HttpRequest&) { return Result<HttpResponse>(Timeout("slow")); };
  hooks_.stop_at_error = true;
  const auto history = Read(minutes(2000));
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().message, "feature a: slow");
  EXPECT_THAT(asked(), ElementsAre("a 2000", "a 1000", "a 500", "a 250", "a 125"));
}

TEST_F(PrometheusHistory, OtherErrorsAreNotAskedAgain) {
  answer_ = [](const HttpRequest& request) {
    return Asked(request).starts_with("a") ? Json("", 401) : Matrix(SeriesAt({kBegin}));
  };
  const auto history = Read(minutes(2000), {0, 1});
  ASSERT_TRUE(history);
  EXPECT_THAT(asked(), ElementsAre("a 2000", "b 2000"));
  EXPECT_EQ(history->first_error->kind, ErrorKind::kUnauthorized);
  EXPECT_THAT(history->ticks, SizeIs(1));
  hooks_.stop_at_error = true;
  EXPECT_FALSE(Read(minutes(2000), {0, 1}));
}

TEST_F(PrometheusHistory, WhatWasKeptIsNotAskedAgain) {
  std::map<Time, std::string> kept;
  hooks_.keep = [&](const HistoryQuery& query, const std::string& body) {
    kept[query.first] = body;
  };
  hooks_.recall = [&](const HistoryQuery& query) -> std::optional<std::string> {
    const auto found = kept.find(query.first);
    return found == kept.end() ? std::nullopt : std::optional(found->second);
  };
  answer_ = [](const HttpRequest& request) -> Result<HttpResponse> {
    if (Asked(request) == "a 500") return Unavailable("gone");
    return Matrix(SeriesAt({kBegin}));
  };
  hooks_.stop_at_error = true;
  EXPECT_FALSE(Read(minutes(2500)));  // interrupted in its second half
  answer_ = [](const HttpRequest&) { return Matrix(SeriesAt({kBegin + minutes(2000)})); };
  const auto history = Read(minutes(2500));
  ASSERT_TRUE(history);
  EXPECT_THAT(asked(), ElementsAre("a 2000", "a 500", "a 500"));
  EXPECT_EQ(history->sent, 1u);
  EXPECT_THAT(history->ticks, SizeIs(2));
  kept.begin()->second = "torn";
  ASSERT_TRUE(Read(minutes(2500)));
  EXPECT_EQ(asked().back(), "a 2000");
}

TEST_F(PrometheusHistory, PartialAnswersAreFlaggedAndNotKept) {
  size_t kept = 0;
  hooks_.keep = [&](const HistoryQuery&, const std::string&) { ++kept; };
  answer_ = [](const HttpRequest& request) {
    return Asked(request).starts_with("a")
               ? Matrix(SeriesAt({kBegin}), R"("warnings":["store 10.0.0.1 is gone"],)")
               : Matrix(SeriesAt({kBegin, kBegin + minutes(1)}));
  };
  const auto history = Read(minutes(10), {0, 1});
  ASSERT_TRUE(history);
  EXPECT_EQ(kept, 1u);
  EXPECT_TRUE(history->ticks.at(kBegin).partial);
  EXPECT_FALSE(history->ticks.at(kBegin + minutes(1)).partial);
  EXPECT_THAT(history->notes, Contains("feature a: partial answer: store 10.0.0.1 is gone"));
}

TEST_F(PrometheusHistory, WhatIsAmbiguousIsLeftOutWithANote) {
  context_.features[0].entity_labels = {"host"};
  answer_ = [](const HttpRequest&) {
    return Matrix(SeriesAt({kBegin}, R"("host":"x","cpu":"0")") + "," +
                  SeriesAt({kBegin}, R"("host":"x","cpu":"1")") + "," +
                  SeriesAt({kBegin}, R"("host":"y")"));
  };
  const auto history = Read(minutes(10), {0, 1});
  ASSERT_TRUE(history);
  ASSERT_THAT(history->ticks.at(kBegin).readings, SizeIs(1));
  EXPECT_THAT(history->ticks.at(kBegin).readings[0].labels, ElementsAre(std::pair("host", "y")));
  EXPECT_THAT(history->notes, Contains(HasSubstr("feature a: the query returns several series")));
  EXPECT_THAT(history->notes, Contains(HasSubstr("feature b: the query returns 3 series but")));
}

TEST_F(PrometheusHistory, PausesBetweenQueries) {
  hooks_.pause = milliseconds(200);
  std::jthread reader([&] { EXPECT_TRUE(Read(minutes(10), {0, 1})); });
  clock_.AwaitWaiters(1);
  EXPECT_THAT(asked(), SizeIs(1));
  clock_.Advance(milliseconds(200));
  reader.join();
  EXPECT_THAT(asked(), SizeIs(2));
}

TEST_F(PrometheusHistory, StopsBetweenQueries) {
  std::stop_source stop;
  answer_ = [&](const HttpRequest&) {
    stop.request_stop();
    return Matrix("");
  };
  const auto plan = PlanHistory({0}, {kBegin, kBegin + minutes(9000)}, minutes(1));
  const auto history = ReadHistory(context_, options_, plan, hooks_, stop.get_token());
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().kind, ErrorKind::kCancelled);
  EXPECT_THAT(asked(), SizeIs(1));
}

}  // namespace
}  // namespace aiops::prom
