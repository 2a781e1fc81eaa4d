#include "web/headline.h"

#include <gtest/gtest.h>

#include "sample_view.h"

namespace aiops {
namespace {

TEST(Headline, TellsTheWorstFirstAndSinceWhen) {
  auto view = SampleView();
  view->open = {SampleAnomaly(8, Severity::kWarning), SampleAnomaly(7), SampleAnomaly(6)};
  view->open[2].started_at = kViewTime - hours(2);
  view->open[2].key.entity = "nas";
  const Headline h = MakeHeadline(*view, kViewTime, {"collector nginx_log failed"});
  EXPECT_EQ(h.state, "critical");
  EXPECT_EQ(h.what, "2 critical");
  EXPECT_EQ(h.since, kViewTime - hours(2));
  EXPECT_EQ(h.detail, "nas: cpu_percent is 93, expected 20, and 1 more");
}

TEST(Headline, NamesWhatNobodyLooksAfterBeforeWhatSomebodyDoes) {
  auto view = SampleView();
  view->open = {SampleAnomaly(7), SampleAnomaly(6)};
  view->open[1].started_at = kViewTime - hours(2);
  view->open[1].acknowledged_at = kViewTime;
  view->open[0].summary = "the disk is full";
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).detail, "home: the disk is full, and 1 more");
  view->open[0].acknowledged_at = kViewTime;
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "2 critical, acknowledged,");
}

TEST(Headline, IsQuietOnlyWhereEverythingWorksAndIsJudged) {
  auto view = SampleView();
  view->open.clear();
  view->entities[0].verdict = Verdict::kLogOnly;
  Headline h = MakeHeadline(*view, kViewTime, {});
  EXPECT_EQ(h.state, "normal");
  EXPECT_EQ(h.what, "All quiet");
  EXPECT_EQ(h.detail, "1 entity watched");
  h = MakeHeadline(*view, kViewTime, {"the database does not take data", "collector host failed"});
  EXPECT_EQ(h.state, "degraded");
  EXPECT_EQ(h.detail, "the database does not take data, and 1 more");
  view->last_round.reset();
  view->jobs = {{.name = "collect", .next_run = kViewTime + minutes(1)},
                {.name = "detect", .next_run = kViewTime + minutes(3)}};
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "Just started");
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).until, kViewTime + minutes(3));
  view->entities.clear();
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "Nothing is watched yet");
}

TEST(Headline, WhatEndedWithinTheRoundIsQuietAgainInTheVerdictsState) {
  auto view = SampleView();
  view->open.clear();
  view->entities = {SampleEntity("a", Verdict::kNormal), SampleEntity("b", Verdict::kWarning)};
  Headline h = MakeHeadline(*view, kViewTime, {});
  EXPECT_EQ(h.state, "warning");
  EXPECT_EQ(h.what, "Quiet again");
  EXPECT_EQ(h.detail, "b: warning within the last round, over by now");
  EXPECT_FALSE(h.since);
  view->entities.push_back(SampleEntity("c", Verdict::kCritical));
  h = MakeHeadline(*view, kViewTime, {});
  EXPECT_EQ(h.state, "critical");
  EXPECT_EQ(h.detail, "c: critical within the last round, over by now, and 1 more");
  h = MakeHeadline(*view, kViewTime, {"collector host failed"});
  EXPECT_EQ(h.state, "degraded");
  EXPECT_EQ(h.what, "Quiet again, as far as it can see");
  EXPECT_EQ(h.detail, "collector host failed");
  view->entities.push_back(SampleEntity("d", Verdict::kUnknown));
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "1 of 4 not judged");
  view->entities = {SampleEntity("a", Verdict::kLogOnly)};
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "All quiet");
}

TEST(Headline, ASilenceIsNoQuiet) {
  auto view = SampleView();
  view->open.clear();
  view->silences = {{.id = 1,
                     .kind = SilenceKind::kMute,
                     .entity = "home",
                     .starts_at = kViewTime - minutes(1),
                     .ends_at = kViewTime + minutes(1)}};
  const Headline h = MakeHeadline(*view, kViewTime, {"collector host failed"});
  EXPECT_EQ(h.state, "degraded");
  EXPECT_EQ(h.what, "Silenced, not quiet");
  EXPECT_EQ(h.detail, "home: container_down nextcloud-db, and 1 more");
  EXPECT_NE(MakeHeadline(*view, kViewTime + minutes(1), {}).what, h.what);
  view->facts.clear();
  view->entities[0].score.score = 0.5;
  view->entities[0].verdict = Verdict::kNormal;
  view->entities.resize(1);
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "All quiet");
  view->silences[0].entity.clear();  // everybody
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {}).what, "All quiet, and silenced");
}

TEST(Headline, NeverCallsTheUnknownQuiet) {
  auto view = SampleView();
  view->open.clear();
  view->entities = {SampleEntity("a", Verdict::kNormal), SampleEntity("b", Verdict::kUnknown),
                    SampleEntity("c", Verdict::kUnknown)};
  for (EntityView& e : view->entities) e.ready_at = kViewTime + minutes(7);
  Headline h = MakeHeadline(*view, kViewTime, {});
  EXPECT_EQ(h.state, "unknown");
  EXPECT_EQ(h.what, "2 of 3 warming up");
  EXPECT_EQ(h.until, kViewTime + minutes(7));
  EXPECT_EQ(MakeHeadline(*view, kViewTime, {"collector host failed"}).what, "2 of 3 warming up");
  view->entities[1].ready_at.reset();
  view->entities[1].reason = "no sample since noon";
  h = MakeHeadline(*view, kViewTime, {});
  EXPECT_EQ(h.what, "2 of 3 not judged");
  EXPECT_EQ(h.detail, "b: no sample since noon, and 1 more");
  EXPECT_FALSE(h.until);
}

}  // namespace
}  // namespace aiops
