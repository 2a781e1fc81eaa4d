#include "pipeline/why.h"

#include <gmock/gmock.h>

#include "pipeline/history_progress.h"
#include "pipeline_testing.h"

namespace aiops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class WhyTest : public testing::Test {
 protected:
  static Time At(int minute) { return kStart + minutes(minute); }

  void Add(int minute, Verdict verdict, double score, Gate gate = Gate::kNone,
           const EntityKey& key = kWeb, std::uint32_t flags = 0) {
    Changes changes;
    changes.schemas = {{7, {"errors", "latency", "requests"}}};
    changes.samples = {{key, At(minute), 7, flags, {1, kMissing, 3}}};
    changes.judgements = {{key, At(minute), score, kMissing, 1, verdict, gate}};
    ASSERT_TRUE(store_->Commit(changes));
  }
  std::optional<WhyAnswer> Ask(Time at, Time now = At(1000)) {
    return Ask({kWeb, minutes(1), at}, now);
  }
  std::optional<WhyAnswer> Ask(const WhyQuestion& question, Time now) {
    auto answer = ExplainWhy(*store_, question, now);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : std::nullopt;
  }

  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
};

TEST_F(WhyTest, TellsTheJudgementOfTheIntervalThatHoldsTheMoment) {
  Add(1, Verdict::kNormal, 0.2);
  Add(2, Verdict::kWarning, 1.4);
  Add(3, Verdict::kNormal, 0.3);
  const auto answer = Ask(At(1) + seconds(1));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->knowledge, Knowledge::kJudged);
  EXPECT_EQ(answer->judgement->time, At(2));
  EXPECT_EQ(answer->around.size(), 3u);
  EXPECT_EQ(answer->daemon_ran, true);
  EXPECT_THAT(answer->words, StartsWith("Not quiet: warning (score 1.4, threshold 1)."));
  EXPECT_THAT(answer->missing, ElementsAre("latency"));
  EXPECT_THAT(answer->words, HasSubstr("Without a value: latency."));
  EXPECT_THAT(Ask(At(1))->words, StartsWith("Quiet: nothing was unusual (score 0.2"));
}

TEST_F(WhyTest, ExplainsEveryGate) {
  for (int gate = 1; gate < kGateCount; ++gate) {
    Add(gate, Verdict::kCritical, 2, static_cast<Gate>(gate));
    const auto answer = Ask(At(gate));
    EXPECT_THAT(answer->words, StartsWith("Quiet although it looked like critical (score 2"));
    EXPECT_GT(answer->words.size(), 80u) << gate;
  }
  Add(20, Verdict::kUnknown, kMissing, Gate::kCoverage);
  EXPECT_THAT(Ask(At(20))->words, StartsWith("No verdict: too few features had values."));
  Add(21, Verdict::kLogOnly, 0.8);
  EXPECT_THAT(Ask(At(21))->words, HasSubstr("logged and not told"));
}

TEST_F(WhyTest, NamesWhatItWasAboutWithTheBandsOfThatMoment) {
  Judgement j{kWeb, At(1), 0.4, kMissing, 1, Verdict::kNormal, Gate::kNone};
  j.features = {{"disk_io", "%", 31.7, 8, 0, 16.1, 0.8},
                {"memory_percent", "%", 16.5, 9, 5.27, 13.8, 0.2, Gate::kMinDeviation}};
  const Sample sample{kWeb, At(1), 7, 0, {1, 2, 3}};
  ASSERT_TRUE(store_->Commit({.samples = {sample}, .judgements = {j}}));
  EXPECT_THAT(Ask(At(1))->words,
              HasSubstr(" Mainly disk_io 31.7 % (expected 0 % to 16.1 %), memory_percent 16.5 % "
                        "(expected 5.27 % to 13.8 %; outside, but by less than counts)."));
  j.verdict = Verdict::kWarning;
  j.features = {{"disk_io", "%", 9, 8, 0, 16.1, 1}};
  ASSERT_TRUE(store_->Commit({.samples = {sample}, .judgements = {j}}));
  EXPECT_THAT(Ask(At(1))->words, HasSubstr(" It was disk_io 9 %, far from what is usual at "
                                           "this hour, though its band has followed it."));
}

TEST_F(WhyTest, TellsADowntimeFromAnEntityThatSentNothing) {
  const EntityKey other{"web", "other"};
  Add(1, Verdict::kNormal, 0.2);
  Add(10, Verdict::kNormal, 0.2);
  auto answer = Ask(At(5));
  EXPECT_EQ(answer->knowledge, Knowledge::kNothing);
  EXPECT_EQ(answer->daemon_ran, false);
  EXPECT_FALSE(answer->judgement);
  EXPECT_THAT(answer->words, HasSubstr("the daemon was down"));
  EXPECT_THAT(answer->words, HasSubstr(FormatTime(At(1)) + " and before " + FormatTime(At(10))));
  Add(5, Verdict::kNormal, 0.2, Gate::kNone, other);
  answer = Ask(At(5));
  EXPECT_EQ(answer->knowledge, Knowledge::kNoSample);
  EXPECT_EQ(answer->daemon_ran, true);
  EXPECT_THAT(answer->words, HasSubstr("nothing of this entity"));
}

TEST_F(WhyTest, WhatWasReadLaterDoesNotMeanThatTheDaemonRan) {
  Add(1, Verdict::kNormal, 0.2);
  Add(5, Verdict::kCritical, 3, Gate::kBackfill, kWeb, kBackfill);
  Add(10, Verdict::kNormal, 0.2);
  const auto answer = Ask(At(5));
  EXPECT_EQ(answer->daemon_ran, false);
  EXPECT_THAT(answer->words, HasSubstr("as after a downtime"));
}

TEST_F(WhyTest, KnowsThePastTheFutureAndWhatWaits) {
  Add(10, Verdict::kNormal, 0.2);
  EXPECT_EQ(Ask(At(-900))->knowledge, Knowledge::kNotKept);
  EXPECT_EQ(Ask(FromUnixMillis(0))->knowledge, Knowledge::kNotKept);
  EXPECT_EQ(Ask(At(11), At(11))->knowledge, Knowledge::kNotYet);
  EXPECT_EQ(Ask(At(11) + milliseconds(123), At(11))->words,
            "The interval of " + FormatTime(At(11)) + " is not over yet.");
  EXPECT_EQ(Ask(FromUnixMillis(253'402'300'799'999))->knowledge, Knowledge::kNotYet);
  EXPECT_EQ(Ask(At(500))->knowledge, Knowledge::kNothing);
  ASSERT_TRUE(store_->Commit({.samples = {{kWeb, At(12), 7, 0, {1, 2, 3}}}}));
  EXPECT_EQ(Ask(At(12))->knowledge, Knowledge::kNotJudged);
  EXPECT_THAT(Ask(At(12))->words, HasSubstr("no round has judged it"));
}

TEST_F(WhyTest, WhatHistoryToldIsLearnedAndNeverJudged) {
  const HistoryProgress read{kWeb.scope, 7, At(30), At(30), true, 9, 9, {true, true, true}};
  ASSERT_TRUE(store_->Commit({.samples = {{kWeb, At(12), 7, kBackfill, {1, 2, 3}},
                                          {kWeb, At(31), 7, kBackfill, {1, 2, 3}}},
                              .state = {ToBlob(read)}}));
  EXPECT_EQ(Ask(At(12))->knowledge, Knowledge::kNotJudged);
  EXPECT_THAT(Ask(At(12))->words,
              HasSubstr("was read from the history of the sources: it is learned and never judged; "
                        "`aiopsctl backtest` tells what would have been said."));
  EXPECT_THAT(Ask(At(31))->words, HasSubstr("no round has judged it")) << "a log's late line";
}

TEST_F(WhyTest, SaysWhenTheNextRoundComes) {
  const HistoryProgress read{kWeb.scope, 7, At(30), At(30), true, 9, 9, {true, true, true}};
  ASSERT_TRUE(store_->Commit(
      {.samples = {{kWeb, At(30), 7, kBackfill, {1, 2, 3}}, {kWeb, At(31), 7, 0, {1, 2, 3}}},
       .state = {ToBlob(read)}}));
  const Time now = At(31) + milliseconds(12'400);
  WhyQuestion question{kWeb, minutes(1), At(31), now, At(35)};
  EXPECT_THAT(Ask(question, now)->words,
              HasSubstr("no round has judged it: the next one comes in 3m47s."));
  question.at = At(30);
  EXPECT_THAT(Ask(question, now)->words,
              HasSubstr(" Nothing newer was judged; the next round comes in 3m47s."));
  question.open_until.reset();
  EXPECT_THAT(Ask(question, now)->words, Not(HasSubstr("3m47s")));
}

TEST_F(WhyTest, NamesWhatWasOpenAndNobodyUnknown) {
  EXPECT_FALSE(Ask(At(1)));
  Add(5, Verdict::kNormal, 0.1);
  Anomaly fact;
  fact.id = 3;
  fact.key = kWeb;
  fact.kind = AnomalyKind::kFact;
  fact.fact = "container_down";
  fact.object = "db";
  fact.severity = Severity::kCritical;
  fact.state = AnomalyState::kClosed;
  fact.started_at = At(4);
  fact.last_seen_at = At(6);
  ASSERT_TRUE(store_->Commit({.anomalies = {fact}}));
  EXPECT_THAT(Ask(At(5))->words,
              StartsWith("Not quiet. Open then: anomaly 3, critical, container_down db. At this "
                         "moment nothing was unusual (score 0.1"));
  EXPECT_TRUE(Ask(At(3))->open.empty());
  EXPECT_TRUE(Ask(At(7))->open.empty());
}

TEST_F(WhyTest, AQuietMomentOfAnAnomalySaysWhenItCloses) {
  Add(5, Verdict::kNormal, 0.4);
  Add(6, Verdict::kCritical, 2, Gate::kMute);
  Anomaly open;
  open.id = 4;
  open.key = kWeb;
  open.severity = Severity::kWarning;
  open.started_at = At(4);
  open.last_seen_at = At(6);
  ASSERT_TRUE(store_->Commit({.anomalies = {open}}));
  const auto words = [&](Time at) {
    return Ask({kWeb, minutes(1), at, std::nullopt, std::nullopt, "3"}, At(1000))->words;
  };
  EXPECT_THAT(
      words(At(5)),
      StartsWith("Not quiet. Open then: anomaly 4, warning, learned. At this moment nothing "
                 "was unusual (score 0.4, threshold 1)."));
  EXPECT_THAT(words(At(5)), HasSubstr("closes after 3 quiet samples in a row"));
  EXPECT_THAT(words(At(6)), HasSubstr("At this moment it was no alarm although it looked like "
                                      "critical (score 2, threshold 1): a mute was in force."));
}

TEST_F(WhyTest, NamesWhatOpenedSinceOnlyWhenAsked) {
  Add(1, Verdict::kNormal, 0.2);
  Anomaly fact;
  fact.id = 5;
  fact.key = kWeb;
  fact.started_at = fact.last_seen_at = At(3);
  ASSERT_TRUE(store_->Commit({.anomalies = {fact}}));
  WhyQuestion question{kWeb, minutes(1), At(1), std::nullopt};
  EXPECT_THAT((*ExplainWhy(*store_, question, At(4)))->words, Not(HasSubstr("anomaly 5")));
  question.open_until = At(4);
  EXPECT_THAT((*ExplainWhy(*store_, question, At(4)))->words, HasSubstr("Opened since: anomaly 5"));
}

}  // namespace
}  // namespace aiops
