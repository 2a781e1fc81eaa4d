#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collect/prometheus/answer.h"
#include "text/sanitize.h"
#include "unit/collect/prometheus_recorded.h"

namespace aiops::prom {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RecordedAnswer : public ::testing::TestWithParam<const char*> {
 protected:
  Result<Answer> Parse(const std::string& name, size_t max_series = 100) {
    return ParseAnswer(Recorded(GetParam(), name), max_series);
  }
};

TEST_P(RecordedAnswer, VectorWithoutLabelsIsOneNumber) {
  const auto answer = Parse("vector_without_labels");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->series.size(), 1u);
  EXPECT_EQ(answer->series[0].labels, Labels{});
  EXPECT_EQ(answer->series[0].value, 550e9);
  EXPECT_FALSE(answer->partial);
  EXPECT_FALSE(answer->scalar);
}

TEST_P(RecordedAnswer, LabelsComeWithoutTheMetricsName) {
  const auto answer = Parse("up");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->series.size(), 3u);
  EXPECT_EQ(answer->series[0].labels, (Labels{{"instance", "gone:9100"}, {"job", "dead"}}));
  EXPECT_EQ(answer->series[0].value, 0);
  EXPECT_EQ(answer->series[1].value, 1);
}

TEST_P(RecordedAnswer, ScalarIsOneNumber) {
  const auto answer = Parse("scalar");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->series.size(), 1u);
  EXPECT_EQ(answer->series[0].value, 42.5);
  EXPECT_TRUE(answer->scalar);
}

TEST_P(RecordedAnswer, NotANumberAndInfinitiesAreMissing) {
  for (const char* name : {"nan", "plus_inf", "minus_inf"}) {
    const auto answer = Parse(name);
    ASSERT_TRUE(answer) << name << ": " << answer.error().message;
    ASSERT_EQ(answer->series.size(), 1u);
    EXPECT_TRUE(IsMissing(answer->series[0].value)) << name;
  }
}

TEST_P(RecordedAnswer, EmptyResultHasNoSeries) {
  const auto answer = Parse("empty");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->series.empty());
}

TEST_P(RecordedAnswer, OtherResultTypesAreTheQuerysFault) {
  for (const char* name : {"string", "matrix"}) {
    const auto answer = Parse(name);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(answer.error().message, HasSubstr(std::string("is a ") + name));
  }
}

TEST_P(RecordedAnswer, ErrorsKeepTheServersWords) {
  const auto bad = Parse("bad_data");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(bad.error().message, HasSubstr("400: bad_data: "));
  EXPECT_THAT(bad.error().message, HasSubstr("unclosed left parenthesis"));
  const auto execution = Parse("execution");
  ASSERT_FALSE(execution);
  EXPECT_EQ(execution.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(execution.error().message, HasSubstr("422: execution: found duplicate series"));
}

TEST_P(RecordedAnswer, WrongPathAnswersPlainText) {
  const auto answer = Parse("not_found");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(answer.error().message, "query: the server answered 404: 404 page not found ");
}

TEST_P(RecordedAnswer, MoreSeriesThanAllowedAreRefused) {
  EXPECT_TRUE(Parse("up", 3));
  const auto answer = Parse("up", 2);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(answer.error().message,
            "more than 2 series: aggregate in the query, or raise collect.prometheus.max_series");
}

TEST_P(RecordedAnswer, RangeIsReadPointByPoint) {
  const auto answer = ParseRangeAnswer(Recorded(GetParam(), "query_range"), 10);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->series.size(), 2u);
  ASSERT_EQ(answer->series.front().points.size(), 4u);
  const auto& points = answer->series.front().points;
  EXPECT_EQ(points[0].second, 1e11);
  EXPECT_EQ(points[1].first - points[0].first, seconds(1));
  const auto refused = ParseRangeAnswer(Recorded(GetParam(), "too_many_points"), 10);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("11,000 points"));
}

INSTANTIATE_TEST_SUITE_P(Versions, RecordedAnswer, ::testing::Values("2.42", "3.16"),
                         [](const auto& tested) {
                           return "Prometheus" + std::string(tested.param).substr(0, 1);
                         });

TEST(Answer, RemarkOnTheQueryIsAWarningButNotPartial) {
  const auto answer = ParseAnswer(Recorded("3.16", "promql_warning"), 100);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->partial);
  EXPECT_THAT(answer->warnings, ElementsAre(HasSubstr("PromQL warning: quantile value")));
}

TEST(Answer, TimeoutOfTheServerIsATimeout) {
  const auto answer = ParseAnswer(Recorded("3.16", "timeout"), 100);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
}

TEST(Answer, OtherWarningsAndIsPartialMeanPartial) {
  const std::string data = R"("data":{"resultType":"vector","result":[]})";
  const auto thanos = ParseAnswer(
      Json(R"({"status":"success",)" + data + R"(,"warnings":["no store matched"]})"), 10);
  ASSERT_TRUE(thanos);
  EXPECT_TRUE(thanos->partial);
  const auto victoria =
      ParseAnswer(Json(R"({"status":"success","isPartial":true,)" + data + "}"), 10);
  ASSERT_TRUE(victoria);
  EXPECT_TRUE(victoria->partial);
  const auto whole =
      ParseAnswer(Json(R"({"status":"success","isPartial":false,)" + data + "}"), 10);
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->partial);
}

TEST(Answer, LabelsAreSanitisedSortedAndCapped) {
  const auto answer =
      ParseAnswer(Vector(R"({"metric":{"z":"a\u001b[31m\n","a":")" + std::string(1000, 'x') +
                         R"(","http.status":"1","empty":"","z":"again"},"value":[1,"1e999"]})"),
                  10);
  ASSERT_TRUE(answer) << answer.error().message;
  const auto& labels = answer->series.at(0).labels;
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].first, "a");
  EXPECT_LE(labels[0].second.size(), kMaxLabelBytes);
  EXPECT_EQ(labels[1].first, "z");
  EXPECT_THAT(labels[1].second, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(IsMissing(answer->series[0].value));
}

TEST(Answer, NativeHistogramIsMissing) {
  const auto answer =
      ParseAnswer(Vector(R"({"metric":{},"histogram":[1,{"count":"1","sum":"1"}]})"), 10);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->series.size(), 1u);
  EXPECT_TRUE(IsMissing(answer->series[0].value));
}

TEST(Answer, ServersTextInAnErrorIsSanitisedAndCut) {
  const auto answer = ParseAnswer(
      Json(R"({"status":"error","errorType":"x\u0007","error":")" + std::string(5000, 'e') + "\"}",
           500),
      10);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_LT(answer.error().message.size(), 400u);
  EXPECT_THAT(answer.error().message, Not(HasSubstr("\x07")));
}

class HostileAnswer : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileAnswer, IsAnError) {
  const auto answer = ParseAnswer(Json(GetParam()), 10);
  ASSERT_FALSE(answer) << GetParam();
  EXPECT_TRUE(IsValidUtf8(answer.error().message));
  EXPECT_FALSE(ParseRangeAnswer(Json(GetParam()), 10));
}

#define AIOPS_VECTOR(series) \
  R"({"status":"success","data":{"resultType":"vector","result":[)" series "]}}"

INSTANTIATE_TEST_SUITE_P(
    Table, HostileAnswer,
    ::testing::Values("", " ", "null", "[]", "42", "\"text\"", "<html>login</html>", "{",
                      R"({"status":"success")", R"({"status":"success"})", R"({"status":"error"})",
                      R"({"status":7,"data":{}})", R"({"status":"success","data":[]})",
                      R"({"status":"success","data":{"resultType":"vector"}})",
                      R"({"status":"success","data":{"resultType":7,"result":[]}})",
                      R"({"status":"success","data":{"resultType":"vector","result":{}}})",
                      R"({"status":"success","data":{"resultType":"scalar","result":[]}})",
                      R"({"status":"success","data":{"resultType":"scalar","result":[1,2]}})",
                      AIOPS_VECTOR("7"), AIOPS_VECTOR("{}"), AIOPS_VECTOR(R"({"metric":{}})"),
                      AIOPS_VECTOR(R"({"metric":[],"value":[1,"1"]})"),
                      AIOPS_VECTOR(R"({"metric":{"a":1},"value":[1,"1"]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,1]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":["1","1"]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,""]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,"x"]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,"1 "]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,"++1"]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1,"1","1"]})"),
                      AIOPS_VECTOR(R"({"metric":{},"value":[1e999,"1"]})"),
                      AIOPS_VECTOR("{\"metric\":{\"a\":\"\xff\xfe\"},\"value\":[1,\"1\"]}")));

TEST(Answer, DeepNestingIsAnErrorNotACrash) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open;
    EXPECT_FALSE(ParseAnswer(Json(deep), 10));
    EXPECT_FALSE(ParseAnswer(Json(R"({"status":"success","data":)" + deep), 10));
  }
}

TEST(Answer, EveryCutOfARealAnswerIsAnError) {
  const auto whole = Recorded("3.16", "up");
  for (size_t length = 0; length + 2 < whole.body.size(); ++length)
    EXPECT_FALSE(ParseAnswer(Json(whole.body.substr(0, length)), 10)) << length;
}

// Whatever a broken server sends: no crash, and nothing unsafe comes through.
TEST(Answer, RandomDamageIsSurvived) {
  std::mt19937 random(20261123);
  const char* const names[] = {"up",          "scalar", "execution", "promql_warning",
                               "query_range", "empty"};
  int parsed = 0, refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto response = Recorded("3.16", names[random() % 6]);
    auto& body = response.body;
    for (auto damage = 1 + random() % 4; damage > 0 && !body.empty(); --damage) {
      const auto at = random() % body.size();
      switch (random() % 4) {
        case 0:
          body[at] = static_cast<char>(random());
          break;
        case 1:
          body.erase(at, random() % 20);
          break;
        case 2:
          body.insert(at, body.substr(random() % body.size(), random() % 40));
          break;
        default:
          body[at] = "{}[]\",:0e"[random() % 9];
      }
    }
    const auto answer = ParseAnswer(response, 50);
    (answer ? parsed : refused)++;
    if (!answer) {
      EXPECT_TRUE(IsValidUtf8(answer.error().message));
    }
    for (const auto& series : answer ? answer->series : std::vector<Series>{})
      for (const auto& [name, value] : series.labels)
        EXPECT_TRUE(IsLabelName(name) && IsValidUtf8(value) && value.size() <= kMaxLabelBytes);
    (void)ParseRangeAnswer(response, 50);
  }
  EXPECT_GT(parsed, 30);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace aiops::prom
