#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyze/analyzer.h"
#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"

namespace aiops {

extern const AnalyzerDescriptor kTemplateAnalyzer;

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class TemplateAnalyzerTest : public ::testing::Test {
 protected:
  Analysis Analyze(const Anomaly& anomaly, const Evidence& evidence = {}) {
    return Make()->Analyze(anomaly, evidence, {}).value();
  }
  std::unique_ptr<Analyzer> Make() {
    return kTemplateAnalyzer.make(config_.At("analyze.template"), http_);
  }
  static Anomaly Learned() {
    Anomaly a;
    a.summary = "unusual";
    a.contributions = {{"request_rate", "requests/s", 830.4, 12, 3, 25, 0.6},
                       {"network_tx", "B/s", 5'250'000, 120'000, 0, 1, 0.2},
                       {"cpu_percent", "%", 93, kMissing, kMissing, kMissing, 0.1},
                       {"disk_io", "%", 3, 2, 1, 4, 0.1}};
    return a;
  }

  TestConfig config_{""};
  FakeHttpClient http_{[](const auto&, const auto&) { return HttpResponse{.status = 500}; }};
};

TEST_F(TemplateAnalyzerTest, NamesTheThreeMainContributions) {
  const auto analysis = Analyze(Learned());
  EXPECT_EQ(analysis.root_cause,
            "request_rate is 830 requests/s instead of 12 requests/s, network_tx is 5.25 MB/s "
            "instead of 120 kB/s and cpu_percent is 93 %.");
  EXPECT_EQ(analysis.worded_by, "template");
  EXPECT_THAT(analysis.evidence, IsEmpty());
  EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(TemplateAnalyzerTest, NamesNothingThatIsWithinItsBand) {
  Anomaly a = Learned();
  a.contributions[0].value = 20;
  EXPECT_THAT(Analyze(a).root_cause, Not(HasSubstr("request_rate")));
  a.contributions = {a.contributions[0], a.contributions[3]};
  EXPECT_EQ(Analyze(a).root_cause,
            "an unusual combination of values that are usual each by itself: request_rate 20 "
            "requests/s, disk_io 3 %.");
}

TEST_F(TemplateAnalyzerTest, ForAFactTheFactIsTheCause) {
  Anomaly fact;
  fact.kind = AnomalyKind::kFact;
  fact.fact = "container_down";
  fact.object = "db";
  EXPECT_EQ(Analyze(fact).root_cause, "container_down of db.");
  fact.summary = "db exited with 137.";
  EXPECT_EQ(Analyze(fact).root_cause, "db exited with 137.");
}

TEST_F(TemplateAnalyzerTest, AddsTheFirstEvidenceAndItsId) {
  const auto analysis = Analyze(Learned(), {{"E1", "nginx_log", {}, "90 % of requests: /login"},
                                            {"E2", "docker", {}, "nothing"}});
  EXPECT_THAT(analysis.root_cause, HasSubstr("93 %. 90 % of requests: /login."));
  EXPECT_THAT(analysis.root_cause, Not(HasSubstr("nothing")));
  EXPECT_THAT(analysis.evidence, ElementsAre("E1"));
}

TEST_F(TemplateAnalyzerTest, SaysSomethingEvenOfNothing) {
  EXPECT_EQ(Analyze({}).root_cause, "Unusual values without a main cause.");
}

TEST_F(TemplateAnalyzerTest, HostileTextStaysOneShortLine) {
  Anomaly fact;
  fact.kind = AnomalyKind::kFact;
  fact.summary = "a\nb\x1b[2J\xff" + std::string(10'000, 'x');
  const auto text = Analyze(fact, {{"E1", "docker", {}, std::string(10'000, 'y')}}).root_cause;
  EXPECT_EQ(text.substr(0, 9), "a b [2J\xef\xbf");
  EXPECT_LT(text.size(), 1000u);
}

TEST_F(TemplateAnalyzerTest, AStopIsObeyed) {
  std::stop_source stop;
  stop.request_stop();
  const auto analysis = Make()->Analyze(Learned(), {}, stop.get_token());
  ASSERT_FALSE(analysis.has_value());
  EXPECT_EQ(analysis.error().kind, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace aiops
