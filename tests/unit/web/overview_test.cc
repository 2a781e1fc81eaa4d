#include "web/overview.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sample_view.h"
#include "text/sanitize.h"
#include "web/api.h"

namespace aiops {
namespace {

using nlohmann::json;

json Ask(const View& view, std::map<std::string, std::string> params = {}) {
  WebRequest request;
  request.params = std::move(params);
  const WebResponse answer = Overview(view, kViewTime, request);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return json::parse(answer.body);
}

std::vector<std::string> Names(const json& overview) {
  std::vector<std::string> out;
  for (const auto& e : overview["entities"]) out.push_back(e["entity"]);
  return out;
}

std::shared_ptr<View> Crowd(int size) {
  auto view = SampleView();
  view->entities.clear();
  for (int i = 0; i < size; ++i) {
    view->entities.push_back(SampleEntity("host-" + std::to_string(10'000 + i), Verdict::kNormal));
    view->entities.back().score.features[0].anomalous = false;
  }
  return view;
}

TEST(Overview, HoldsWhatThePageShows) {
  const json o = Ask(*SampleView());
  EXPECT_EQ(o["headline"]["state"], "critical");
  EXPECT_EQ(o["headline"]["since"], "2023-11-14T22:10:20Z");
  EXPECT_EQ(o["entities"][0]["unusual"], json({"cpu_percent"}));
  EXPECT_EQ(o["counts"]["critical"], 1);
  EXPECT_EQ(o["open"][0]["id"], 7);
  EXPECT_EQ(o["models"]["loaded"], 1);
  EXPECT_EQ(o["models"]["oldest"], "2023-11-13T22:13:20Z");
  EXPECT_EQ(o["checklist"][1]["source"], "docker");
  EXPECT_EQ(o["jobs"][0]["name"], "detect");
}

TEST(Overview, TellsWhatIsSilencedNow) {
  auto view = SampleView();
  view->silences = {
      {1, SilenceKind::kMute, "", "web-1", kViewTime - hours(1), kViewTime + hours(1), "anna", ""},
      {2, SilenceKind::kWindow, "", "", kViewTime + hours(1), kViewTime + hours(2), "", ""}};
  const json o = Ask(*view);
  ASSERT_EQ(o["silences"].size(), 1);
  EXPECT_EQ(o["silences"][0]["entity"], "web-1");
  EXPECT_EQ(json::parse(StatusJson(*view, kViewTime, {}))["silences"], o["silences"]);
}

TEST(Overview, TellsOfManyInTroubleAtOnce) {
  const auto view = SampleView();
  view->groups = {{"pod", 214, 3000, {{"az", "b"}}, "214 of 3,000 entities, all az=\"b\""}};
  const json o = Ask(*view);
  EXPECT_EQ(o["groups"], json::parse(R"([{"scope":"pod","affected":214,"entities":3000,
      "labels":{"az":"b"},"text":"214 of 3,000 entities, all az=\"b\""}])"));
  EXPECT_EQ(json::parse(StatusJson(*view, kViewTime, {}))["groups"], o["groups"]);
}

TEST(Overview, PutsTheWorstFirstAndTheUnknownBeforeTheOdd) {
  auto view = Crowd(6);
  view->entities[1].verdict = Verdict::kLogOnly;
  view->entities[2].verdict = Verdict::kUnknown;
  view->entities[3].verdict = Verdict::kCritical;
  view->entities[4].verdict = Verdict::kWarning;
  view->entities[5].score.level = 0.9;
  EXPECT_EQ(Names(Ask(*view)),
            (std::vector<std::string>{"host-10003", "host-10004", "host-10002", "host-10001",
                                      "host-10005", "host-10000"}));
  EXPECT_EQ(Names(Ask(*view, {{"sort", "name"}, {"limit", "2"}})),
            (std::vector<std::string>{"host-10000", "host-10001"}));
}

TEST(Overview, SearchesNamesScopesAndLabels) {
  auto view = Crowd(3);
  view->entities[1].labels = {{"rack", "Kitchen"}};
  const json found = Ask(*view, {{"search", "KITCH"}});
  EXPECT_EQ(Names(found), std::vector<std::string>{"host-10001"});
  EXPECT_EQ(found["total"], 3);
  EXPECT_EQ(found["matching"], 1);
  EXPECT_EQ(Names(Ask(*view, {{"search", "10002"}})), std::vector<std::string>{"host-10002"});
  EXPECT_EQ(Ask(*view, {{"search", "nowhere"}})["matching"], 0);
}

TEST(Overview, StaysSmallForThousands) {
  auto view = Crowd(3000);
  for (std::int64_t id = 1; id <= 500; ++id)
    view->open.push_back(SampleAnomaly(id, Severity::kWarning));
  view->open.push_back(SampleAnomaly(501));
  WebRequest request;
  const std::string body = Overview(*view, kViewTime, request).body;
  EXPECT_LT(body.size(), 40'000u);
  const json o = json::parse(body);
  EXPECT_EQ(o["matching"], 3000);
  EXPECT_EQ(o["open_total"], 502);
  EXPECT_EQ(o["open"].size(), 30u);
  EXPECT_EQ(o["open"][0]["severity"], "critical");
}

TEST(Overview, KeepsHostileTextValid) {
  auto view = SampleView();
  view->entities[0].key.entity = view->open[0].summary = view->collectors[0].error = "\xff<img>\"";
  WebRequest request;
  const std::string body = Overview(*view, kViewTime, request).body;
  EXPECT_TRUE(IsValidUtf8(body));
  EXPECT_TRUE(json::accept(body));
}

}  // namespace
}  // namespace aiops
