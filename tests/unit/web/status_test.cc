#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sample_view.h"
#include "text/sanitize.h"
#include "web/api.h"

namespace aiops {
namespace {

using nlohmann::json;

TEST(Health, IsOkOnlyWhereEverythingWorks) {
  auto view = SampleView();
  json health = json::parse(HealthJson(*view, kViewTime));
  EXPECT_EQ(health["status"], "ok");
  EXPECT_EQ(health["uptime"], 600.0);
  EXPECT_EQ(health["model_loaded"], true);
  view->store.up = false;
  view->store.error = "the disk is full";
  view->collectors[0].up = false;
  health = json::parse(HealthJson(*view, kViewTime));
  EXPECT_EQ(health["status"], "degraded");
  EXPECT_EQ(health["reasons"].size(), 2u);
  EXPECT_EQ(json::parse(HealthJson(View{}, kViewTime))["status"], "starting");
}

TEST(Status, TellsOfEveryPart) {
  const json status = json::parse(StatusJson(*SampleView(), kViewTime));
  EXPECT_EQ(status["entities"][0]["verdict"], "critical");
  EXPECT_EQ(status["entities"][0]["features"][0]["value"], 93.0);
  EXPECT_TRUE(status["entities"][0]["features"][1]["value"].is_null());
  EXPECT_EQ(status["entities"][0]["labels"]["rack"], "a1");
  EXPECT_EQ(status["collectors"][0]["failures"]["timeout"], 1);
  EXPECT_EQ(status["jobs"][0]["next_run"], "2023-11-14T22:18:20Z");
  EXPECT_EQ(status["receivers"][0]["sent"], 9);
  EXPECT_EQ(status["checklist"][1]["ok"], false);
  EXPECT_EQ(status["config"][0]["from"], "default");
  EXPECT_EQ(status["open_anomalies"][0]["id"], 7);
}

TEST(Status, AnOpenAnomalyIsTheHeadlineEvenBeforeTheFirstRound) {
  auto view = SampleView();
  view->last_round.reset();
  const json status = json::parse(StatusJson(*view, kViewTime));
  EXPECT_EQ(status["health"]["status"], "starting");
  EXPECT_EQ(status["headline"]["state"], "critical");
  EXPECT_EQ(status["headline"]["what"], "1 critical");
  EXPECT_NE(StatusPage(*view, kViewTime).find("1 critical</span> for 3 min"), std::string::npos);
}

TEST(Status, WhatWasNotAskedOrIsNotThereIsNoFailure) {
  auto view = SampleView();
  view->checklist = {{"host", SourceState::kWaits, "not asked yet"},
                     {"docker", SourceState::kOff, "off"}};
  view->collectors[0].ran = view->collectors[0].up = false;
  const json list = json::parse(StatusJson(*view, kViewTime))["checklist"];
  EXPECT_EQ(list[0]["state"], "waits");
  EXPECT_EQ(list[1]["state"], "off");
  EXPECT_EQ(list[1]["ok"], false);
  const std::string page = StatusPage(*view, kViewTime);
  EXPECT_EQ(page.find("✗"), std::string::npos) << page;
  EXPECT_NE(page.find("–</span><div><b title=\"docker\">Docker</b> off"), std::string::npos);
}

TEST(Status, RemarksOnValuesOutsideTheirBands) {
  auto view = SampleView();
  FeatureScore& cpu = view->entities[0].score.features[0];
  cpu.anomalous = false;
  cpu.gate = Gate::kMinDeviation;
  const json entity = json::parse(StatusJson(*view, kViewTime))["entities"][0];
  EXPECT_EQ(entity["features"][0]["remark"], "outside, but by less than counts");
  EXPECT_NE(StatusPage(*view, kViewTime).find("outside, but by less than counts</b>"),
            std::string::npos);
}

TEST(Page, EscapesWhatComesFromOutside) {
  auto view = SampleView();
  const std::string nasty = "<script>alert('x')</script>\xff\"&";
  view->entities[0].reason = view->open[0].summary = view->checklist[0].detail = nasty;
  view->collectors[0].error = view->scopes[0].features[0].unit = view->version = nasty;
  const std::string page = StatusPage(*view, kViewTime);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_TRUE(IsValidUtf8(page));
  EXPECT_NE(page.find("✗"), std::string::npos);
  EXPECT_NE(page.find("up to 30 &lt;script&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_TRUE(json::accept(StatusJson(*view, kViewTime)));
}

TEST(Execute, AnswersAcceptedWhenItTakesLong) {
  CommandQueue queue;
  const std::atomic<bool> stopping{false};
  const auto answer = Execute(queue, {RunCommand{}, "test"}, stopping, milliseconds(1));
  EXPECT_EQ(answer.status, 202);
}

TEST(Execute, AnswersBusyWhenTooManyWait) {
  CommandQueue queue;
  const std::atomic<bool> stopping{false};
  for (int i = 0; i < 64; ++i) (void)queue.Push({RunCommand{}, "test"});
  EXPECT_EQ(Execute(queue, {RunCommand{}, "test"}, stopping).status, 503);
}

}  // namespace
}  // namespace aiops
