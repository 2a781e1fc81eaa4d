// The collector as the pipeline sees it, over a scripted client and recorded answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "collect/collector.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "unit/collect/prometheus_recorded.h"

namespace aiops {

extern const CollectorDescriptor kPrometheusCollector;

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr Time kNow = FromUnixMillis(1'700'000'005'000);

std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

// The value of one field of a form.
std::string FormField(const std::string& form, const std::string& name) {
  const auto at = ("&" + form).find("&" + name + "=");
  if (at == std::string::npos) return "absent";
  const auto begin = at + name.size() + 1;
  return Decoded(form.substr(begin, form.find('&', begin) - begin));
}

// What /api/v1/targets says of active targets with these intervals.
std::string Targets(const std::vector<std::string>& intervals) {
  std::string list;
  for (const auto& interval : intervals)
    list += (list.empty() ? "" : ",") + (R"({"health":"up","scrapeInterval":")" + interval + "\"}");
  return R"({"status":"success","data":{"activeTargets":[)" + list + "]}}";
}

class PrometheusCollectorTest : public ::testing::Test {
 protected:
  // The server answers each expression as told; unknown ones with an empty vector.
  std::map<std::string, Result<HttpResponse>> answers_;
  Result<HttpResponse> targets_ = Json("404 page not found", 404);
  int targets_asked_ = 0;
  FakeHttpClient http_{[this](const HttpEndpoint&, const HttpRequest& request) {
    if (request.path == "/api/v1/targets") return ++targets_asked_, targets_;
    const auto it = answers_.find(FormField(request.body, "query"));
    return it == answers_.end() ? Result<HttpResponse>(Vector("")) : it->second;
  }};
  ManualClock clock_{kNow};
  CollectorContext context_{clock_, http_, minutes(1), {}, {}};
  const Tick tick_{kNow - seconds(65), kNow - seconds(5), kNow + seconds(5)};

  std::unique_ptr<Collector> Make(const std::string& options = "") {
    document_ = std::make_unique<Document>(Sources{
        .file = "aiops.yml",
        .text = "collect:\n  prometheus:\n    url: http://localhost:9090/prom\n" + options});
    auto made =
        kPrometheusCollector.make(document_->Root().Child("collect").Child("prometheus"), context_);
    document_->Finish();
    for (const auto& problem : document_->problems()) ADD_FAILURE() << ToString(problem);
    return made;
  }

  void Want(const std::string& name, const std::string& expr,
            std::vector<std::string> entity_labels = {}) {
    const auto index = static_cast<std::uint32_t>(context_.features.size());
    context_.features.push_back({{0, index}, expr, std::move(entity_labels), name});
  }

  std::unique_ptr<Document> document_;
};

TEST_F(PrometheusCollectorTest, WithoutUrlItIsNotMade) {
  Document document({.file = "aiops.yml", .text = ""});
  EXPECT_EQ(
      kPrometheusCollector.make(document.Root().Child("collect").Child("prometheus"), context_),
      nullptr);
}

TEST_F(PrometheusCollectorTest, WithNothingWantedItIsNotMade) {
  EXPECT_EQ(Make("    targets_down: false\n"), nullptr);
  EXPECT_NE(Make(), nullptr);
}

TEST_F(PrometheusCollectorTest, QueriesAsTheConfigurationSays) {
  Want("cpu", "rate(cpu[$window]) + 1");
  auto collector = Make(
      "    query_offset: 30s\n    scrape_interval: 5s\n    basic_auth: {username: u, password: p}\n"
      "    headers: {X-Scope-OrgID: tenant}\n    max_body_bytes: 5000\n    tls: {server_name: "
      "prom}\n");
  answers_.emplace("rate(cpu[20s]) + 1", Recorded("2.42", "vector_without_labels"));
  ASSERT_TRUE(collector->Collect(tick_, {}));
  ASSERT_THAT(http_.sent(), SizeIs(2));
  const auto [endpoint, request] = http_.sent()[0];
  EXPECT_EQ(endpoint.base_url, "http://localhost:9090/prom");
  EXPECT_EQ(endpoint.basic_user, "u");
  EXPECT_EQ(endpoint.basic_password.Reveal(), "p");
  EXPECT_EQ(endpoint.headers.at(0).second.Reveal(), "tenant");
  EXPECT_EQ(endpoint.tls.server_name, "prom");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/api/v1/query");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.max_body_bytes, 5000u);
  EXPECT_EQ(FormField(request.body, "query"), "rate(cpu[20s]) + 1");
  EXPECT_EQ(FormField(request.body, "time"), "1699999970.000");
  EXPECT_EQ(FormField(request.body, "timeout"), "5.000");
  EXPECT_EQ(request.timeout, seconds(5));
}

TEST_F(PrometheusCollectorTest, SaysThatTargetsAreScrapedLessOftenThanItWasTold) {
  Want("cpu", "rate(cpu[$window])");
  Want("errors", "rate(errors[$window])");
  context_.features.back().absent_is_zero = true;
  Want("memory", "memory");
  targets_ = Json(Targets({"1m", "1m", "15s"}));
  auto collector = Make();
  auto collected = collector->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->notes,
              ElementsAre("2 of 3 targets are scraped every 1m, but "
                          "collect.prometheus.scrape_interval says 15s: set it to 1m; now without "
                          "a value: cpu, errors"));
  EXPECT_THAT(collected->readings, IsEmpty()) << "nothing is not zero where it cannot be seen";
  EXPECT_EQ(targets_asked_, 1);
  const Tick next{tick_.end, tick_.end + minutes(1), tick_.deadline + minutes(1)};
  EXPECT_THAT(collector->Collect(next, {})->notes, SizeIs(1));
  EXPECT_EQ(targets_asked_, 1) << "once in half an hour";
  answers_.emplace("rate(cpu[1m])", Recorded("2.42", "vector_without_labels"));
  answers_.emplace("rate(errors[1m])", Recorded("2.42", "vector_without_labels"));
  EXPECT_THAT(collector->Collect(next, {})->notes, IsEmpty());
}

TEST_F(PrometheusCollectorTest, ScrapeIntervalsThatFitOrAreNotToldNeedNoNote) {
  Want("errors", "rate(errors[$window])");
  context_.features.back().absent_is_zero = true;
  for (const auto& targets :
       {Json(Targets({"15s", "5s"})), Json(R"({"status":"success","data":{"activeTargets":[{}]}})"),
        Json("404 page not found", 404), Json("[]")}) {
    targets_ = targets;
    const auto collected = Make()->Collect(tick_, {});
    ASSERT_TRUE(collected);
    EXPECT_THAT(collected->notes, IsEmpty());
    EXPECT_THAT(collected->readings, SizeIs(1));
  }
  targets_ = Json(Targets({"1m"}));
  EXPECT_THAT(Make("    scrape_interval: 1m\n")->Collect(tick_, {})->notes, IsEmpty());
  EXPECT_EQ(targets_asked_, 5);
}

TEST_F(PrometheusCollectorTest, NumberWithoutLabelsBelongsToTheDefaultEntity) {
  Want("size", "size");
  Want("answer", "scalar");
  answers_.emplace("size", Recorded("2.42", "vector_without_labels"));
  answers_.emplace("scalar", Recorded("3.16", "scalar"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected) << collected.error().message;
  ASSERT_THAT(collected->readings, SizeIs(2));
  EXPECT_EQ(collected->readings[0].value, 550e9);
  EXPECT_EQ(collected->readings[0].labels, Labels{});
  EXPECT_EQ(collected->readings[1].value, 42.5);
  EXPECT_EQ(collected->readings[1].feature, (FeatureRef{0, 1}));
  EXPECT_THAT(collected->notes, IsEmpty());
  EXPECT_FALSE(collected->partial);
}

TEST_F(PrometheusCollectorTest, EntityLabelsMakeEntities) {
  Want("size", "size", {"mountpoint"});
  answers_.emplace("size", Recorded("3.16", "vector_labelled"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->readings, SizeIs(2));
  EXPECT_EQ(collected->readings[0].labels, (Labels{{"mountpoint", "/"}}));
  EXPECT_EQ(collected->readings[1].labels, (Labels{{"mountpoint", "/srv"}}));
}

TEST_F(PrometheusCollectorTest, AnAbsentNumberMayMeanZero) {
  Want("requests", "requests", {"pod"});
  Want("errors", "errors", {"pod"});
  Want("default", "default");
  Want("refused", "refused");
  for (size_t i : {1u, 2u, 3u}) context_.features[i].absent_is_zero = true;
  answers_.insert({"requests", Vector(R"({"metric":{"pod":"a"},"value":[1,"5"]},)"
                                      R"({"metric":{"pod":"b"},"value":[1,"6"]})")});
  answers_.insert({"errors", Vector(R"({"metric":{"pod":"b"},"value":[1,"2"]})")});
  answers_.insert({"refused", Unavailable("no")});
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  std::map<std::pair<std::uint32_t, Labels>, double> found;
  for (const auto& r : collected->readings) found[{r.feature.feature, r.labels}] = r.value;
  const Labels a{{"pod", "a"}}, b{{"pod", "b"}};
  EXPECT_EQ(found,
            (decltype(found){{{0, a}, 5}, {{0, b}, 6}, {{1, b}, 2}, {{1, a}, 0}, {{2, {}}, 0}}));
}

TEST_F(PrometheusCollectorTest, LabelsOfOneSeriesDoNotMatterWithoutEntityLabels) {
  Want("size", "size");
  answers_.emplace("size", Vector(R"({"metric":{"instance":"a"},"value":[1,"3"]})"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->readings, SizeIs(1));
  EXPECT_EQ(collected->readings[0].labels, Labels{});
}

TEST_F(PrometheusCollectorTest, AmbiguousAnswersAreMissingAndSaidSo) {
  Want("size", "size");
  Want("by_instance", "by_instance", {"instance"});
  answers_.emplace("size", Recorded("3.16", "vector_labelled"));
  answers_.emplace("by_instance", Recorded("3.16", "vector_labelled"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->readings, IsEmpty());
  EXPECT_THAT(
      collected->notes,
      ElementsAre(HasSubstr("feature size: the query returns 2 series but the scope has no"),
                  HasSubstr("feature by_instance: the query returns several series")));
}

TEST_F(PrometheusCollectorTest, MissingNumbersAreLeftOut) {
  for (const char* name : {"nan", "plus_inf", "minus_inf", "empty"}) {
    Want(name, name);
    answers_.emplace(name, Recorded("2.42", name));
  }
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->readings, IsEmpty());
  EXPECT_THAT(collected->notes, IsEmpty());
}

TEST_F(PrometheusCollectorTest, OneFailingQueryCostsOnlyItsFeature) {
  Want("bad", "sum(");
  Want("good", "good");
  answers_.emplace("sum(", Recorded("3.16", "bad_data"));
  answers_.emplace("good", Recorded("3.16", "scalar"));
  auto collector = Make();
  const auto collected = collector->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->readings, SizeIs(1));
  EXPECT_THAT(collected->notes, ElementsAre(AllOf(HasSubstr("feature bad: "),
                                                  HasSubstr("unclosed left parenthesis"))));
  const std::pair<std::string, std::string> counter{"queries_failed", "invalid_argument"};
  EXPECT_EQ(collected->counters.at(counter), 1);
  EXPECT_EQ(collector->Collect(tick_, {})->counters.at(counter), 2);
}

TEST_F(PrometheusCollectorTest, AllFailingIsAnError) {
  Want("a", "a");
  answers_.emplace("a", Unavailable("connection refused"));
  answers_.emplace("up == 0", Unavailable("connection refused"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(collected.error().message,
            "connection refused; does it run there? collect.prometheus.url says where to ask");
}

TEST_F(PrometheusCollectorTest, StopIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const auto collected = Make()->Collect(tick_, stop.get_token());
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kCancelled);
}

TEST_F(PrometheusCollectorTest, PartialAnswerIsFlaggedAndNoted) {
  Want("a", "a");
  auto partial = Recorded("3.16", "scalar");
  partial.body.insert(1, R"("warnings":["receive store timed out"],)");
  answers_.emplace("a", partial);
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_TRUE(collected->partial);
  EXPECT_THAT(collected->readings, SizeIs(1));
  EXPECT_THAT(collected->notes, ElementsAre("feature a: partial answer: receive store timed out"));
}

TEST_F(PrometheusCollectorTest, PartialAnswerOfAFactDoesNotFlagTheFeatures) {
  Want("a", "a");
  answers_.emplace("a", Recorded("3.16", "scalar"));
  answers_.emplace("up == 0", Recorded("3.16", "up_is_zero"));
  auto collector = Make();
  EXPECT_THAT(collector->Collect(tick_, {})->facts, SizeIs(1));
  auto partial = Vector("");
  partial.body.insert(1, R"("warnings":["receive store timed out"],)");
  answers_.insert_or_assign("up == 0", partial);
  const auto collected = collector->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_FALSE(collected->partial);
  EXPECT_THAT(collected->facts, SizeIs(1)) << "what a partial answer does not show has not ended";
  EXPECT_THAT(collected->notes,
              ElementsAre("fact target_down: partial answer: receive store timed out"));
}

TEST_F(PrometheusCollectorTest, DownTargetIsAFactUntilItIsSeenUp) {
  auto collector = Make();
  answers_.emplace("up == 0", Recorded("3.16", "up_is_zero"));
  auto collected = collector->Collect(tick_, {});
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->facts, SizeIs(1));
  EXPECT_EQ(collected->facts[0].name, "target_down");
  EXPECT_EQ(collected->facts[0].object, "dead/gone:9100");
  EXPECT_EQ(collected->facts[0].since, tick_.end);
  answers_.clear();
  EXPECT_THAT(collector->Collect(tick_, {})->facts, IsEmpty());
}

TEST_F(PrometheusCollectorTest, FactWhoseQueryFailsHasNotEnded) {
  Want("a", "a");
  auto collector = Make();
  answers_.emplace("up == 0", Recorded("3.16", "up_is_zero"));
  ASSERT_TRUE(collector->Collect(tick_, {}));
  answers_.insert_or_assign("up == 0", Timeout("slow"));
  const auto collected = collector->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->facts, SizeIs(1));
  EXPECT_THAT(collected->notes, ElementsAre("fact target_down: slow"));
}

TEST_F(PrometheusCollectorTest, FactGoesOnAfterARestart) {
  answers_.emplace("up == 0", Recorded("3.16", "up_is_zero"));
  const auto before = Make()->Collect(tick_, {});
  ASSERT_TRUE(before && before->checkpoint);
  auto collector = Make();
  ASSERT_TRUE(collector->Restore(*before->checkpoint));
  const auto after = collector->Collect(
      {tick_.begin + minutes(1), tick_.end + minutes(1), tick_.deadline + minutes(1)}, {});
  ASSERT_THAT(after->facts, SizeIs(1));
  EXPECT_EQ(after->facts[0].since, tick_.end);
  EXPECT_FALSE(collector->Restore("nonsense"));
}

TEST_F(PrometheusCollectorTest, OwnFactWaitsForItsFor) {
  context_.facts.push_back({"backup_too_old", "age > 1", Severity::kCritical, minutes(1)});
  answers_.emplace("age > 1", Vector(R"({"metric":{"set":"photos"},"value":[1,"90000"]})"));
  auto collector = Make();
  EXPECT_THAT(collector->Collect(tick_, {})->facts, IsEmpty());
  const Tick next{tick_.end, tick_.end + minutes(1), tick_.deadline + minutes(1)};
  const auto collected = collector->Collect(next, {});
  ASSERT_THAT(collected->facts, SizeIs(1));
  EXPECT_EQ(collected->facts[0].object, "photos");
  EXPECT_EQ(collected->facts[0].severity, Severity::kCritical);
}

TEST_F(PrometheusCollectorTest, ScalarFactIsRefused) {
  context_.facts.push_back({"always", "1", Severity::kCritical, {}});
  answers_.emplace("1", Recorded("3.16", "scalar"));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->facts, IsEmpty());
  EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("fact always: the query returns a scalar")));
}

TEST_F(PrometheusCollectorTest, FloodOfFactsIsCut) {
  std::string series;
  for (int i = 0; i < 500; ++i)
    series += std::string(i ? "," : "") + R"({"metric":{"job":"j","instance":"i)" +
              std::to_string(i) + R"("},"value":[1,"0"]})";
  answers_.emplace("up == 0", Vector(series));
  const auto collected = Make()->Collect(tick_, {});
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->facts, SizeIs(200));
  EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("500 series")));
}

TEST_F(PrometheusCollectorTest, FilesystemFactsAreAskedForOnRequest) {
  ASSERT_TRUE(Make("    filesystem_facts: true\n")->Collect(tick_, {}));
  EXPECT_THAT(http_.sent(), SizeIs(4));
}

TEST_F(PrometheusCollectorTest, NotesAreBounded) {
  for (int i = 0; i < 100; ++i) {
    Want("f" + std::to_string(i), "sum(");
  }
  answers_.emplace("sum(", Recorded("3.16", "bad_data"));
  EXPECT_THAT(Make()->Collect(tick_, {})->notes, SizeIs(21));
}

TEST_F(PrometheusCollectorTest, BackfillBringsTicksInOrder) {
  Want("size", "size", {"mountpoint"});
  context_.interval = seconds(1);
  answers_.emplace("size", Json(R"({"status":"success","data":{"resultType":"matrix","result":[)"
                                R"({"metric":{"mountpoint":"/"},"values":[[1699996407,"1"],)"
                                R"([1699996409,"3"]]},{"metric":{"mountpoint":"/srv"},)"
                                R"("values":[[1699996408,"2"],[1699990000,"9"]]}]}})"));
  const auto past = Make()->Backfill({kNow - hours(1), kNow}, {});
  ASSERT_TRUE(past) << past.error().message;
  ASSERT_THAT(*past, SizeIs(3));  // nobody asked for the fourth
  EXPECT_EQ(past->front().end, FromUnixMillis(1'699'996'407'000));
  EXPECT_EQ(past->back().end, FromUnixMillis(1'699'996'409'000));
  EXPECT_EQ(past->back().readings.at(0).value, 3);
  ASSERT_THAT(http_.sent(), SizeIs(2));  // 3,600 points in pieces of 2,000
  const auto request = http_.sent()[0].request;
  EXPECT_EQ(request.path, "/api/v1/query_range");
  EXPECT_EQ(FormField(request.body, "start"), "1699996406.000");
  EXPECT_EQ(FormField(request.body, "end"), "1699998405.000");
  EXPECT_EQ(FormField(request.body, "step"), "1.000");
  EXPECT_EQ(FormField(request.body, "partial_response"), "false");
  EXPECT_EQ(FormField(http_.sent()[1].request.body, "start"), "1699998406.000");
  EXPECT_EQ(FormField(http_.sent()[1].request.body, "end"), "1700000005.000");
}

TEST_F(PrometheusCollectorTest, BackfillLeavesOutPartialAnswers) {
  Want("size", "size");
  answers_.emplace("size",
                   Json(R"({"status":"success","isPartial":true,"data":{"resultType":)"
                        R"("matrix","result":[{"metric":{},"values":[[1699999980,"1"]]}]}})"));
  const auto past = Make()->Backfill({kNow - hours(1), kNow}, {});
  ASSERT_TRUE(past) << past.error().message;
  EXPECT_THAT(*past, IsEmpty());
}

}  // namespace
}  // namespace aiops
