#include "web/openapi.h"

#include <gmock/gmock.h>

#include "fakes/manual_clock.h"
#include "sample_view.h"
#include "schema_check.h"
#include "web/api.h"

namespace aiops {
namespace {

using Json = nlohmann::ordered_json;
using testing::Contains;

class OpenApi : public testing::Test {
 protected:
  OpenApi() : store_(*Store::Open({}, clock_)) {
    view_.Set(SampleView());
    Changes changes;
    changes.anomalies = {SampleAnomaly(7), Fact()};
    changes.audit = {{0, kViewTime, "run", "", "ann", "192.0.2.1", "http", 200, "done", ""}};
    changes.samples = {{{"server", "home"}, kViewTime - minutes(3), 7, 0, {93, kMissing}},
                       {{"server", "home"}, kViewTime, 7, 0, {93, kMissing}}};
    changes.judgements = {
        {{"server", "home"}, kViewTime, 1.5, kMissing, 1, Verdict::kWarning, Gate::kBootGrace}};
    changes.judgements[0].features = SampleAnomaly(7).contributions;
    changes.schemas = {{7, {"cpu_percent", "memory_percent"}}};
    changes.outbox = {{.receiver = "r", .state = OutboxState::kSent}};
    changes.models = {{SampleModel(), "the model"}};
    EXPECT_TRUE(store_->Commit(changes));
  }

  static Anomaly Fact() {
    Anomaly fact = SampleAnomaly(1);
    fact.kind = AnomalyKind::kFact;
    fact.fact = "container_down";
    fact.object = "db";
    fact.score = kMissing;
    fact.started_at -= minutes(1);
    fact.contributions.clear();
    fact.evidence = R"([{"id":"E1","text":"exit_code: 137"}])";
    fact.acknowledged_at = fact.ended_at = kViewTime;
    fact.state = AnomalyState::kClosed;
    return fact;
  }
  std::string Get(const std::string& path, const std::string& query = "") {
    const WebResponse answer =
        Router(routes_).Dispatch({.method = "GET", .path = path, .query = query});
    EXPECT_EQ(answer.status, 200) << path << answer.body;
    return answer.body;
  }
  Json GetJson(const std::string& path, const std::string& query = "") {
    return Json::parse(Get(path, query));
  }

  ManualClock clock_{kViewTime + minutes(5)};
  ViewCell view_;
  CommandQueue commands_;
  std::unique_ptr<Store> store_;
  RequestCounter requests_;
  const std::atomic<bool> stopping_{false};
  const std::vector<Route> routes_ =
      ApiRoutes({clock_, view_, commands_, *store_, requests_, stopping_, [] { return 100; }});
};

TEST_F(OpenApi, DescribesEveryRouteAndEveryParameter) {
  const Json document = GetJson("/openapi.json");
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "0.1.0");
  size_t described = 0;
  for (const Route& route : routes_) {
    SCOPED_TRACE(route.method + " " + route.path);
    const std::string method = route.method == "GET" ? "get" : "post";
    ASSERT_TRUE(document["paths"].contains(route.path));
    const Json& operation = document["paths"][route.path][method];
    EXPECT_GT(operation["summary"].get<std::string>().size(), 3u);
    EXPECT_EQ(operation.contains("requestBody"), !route.body.empty());
    std::vector<std::string> names;
    for (const Json& p : operation.value("parameters", Json::array())) {
      EXPECT_GT(p["description"].get<std::string>().size(), 3u);
      EXPECT_TRUE(p["schema"].contains("type"));
      names.push_back(p["name"]);
    }
    for (const Param& param : route.query) EXPECT_THAT(names, Contains(param.name));
    EXPECT_EQ(names.size(), route.query.size() + (route.path.find("{id}") != std::string::npos));
    EXPECT_TRUE(operation["responses"].contains("400"));
    const Json& item = document["paths"][route.path];
    EXPECT_EQ(item.contains("head"), item.contains("get"));
    described += 1;
  }
  size_t operations = 0;
  for (const auto& [path, item] : document["paths"].items())
    operations += item.size() - item.contains("head");
  EXPECT_EQ(operations, described);
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  const Json document = GetJson("/openapi.json");
  const SchemaCheck check(document);
  size_t references = 0;
  const std::function<void(const Json&)> follow = [&](const Json& json) {
    for (const auto& [name, value] : json.items()) {
      if (name == "$ref") {
        EXPECT_NO_THROW(check.Resolve(value)) << value;
        ++references;
      }
      if (value.is_structured()) follow(value);
    }
  };
  follow(document);
  EXPECT_GT(references, 50u);
}

TEST_F(OpenApi, AnswersAreAsDescribed) {
  const Json document = GetJson("/openapi.json");
  const SchemaCheck check(document);
  const std::map<std::string, std::string> queries{{"/why", "entity=home&at=2023-11-14T22:13:20Z"},
                                                   {"/series", "entity=home"}};
  int checked = 0;
  for (const Route& route : routes_) {
    const auto& answer = route.answers.front();
    if (route.method != "GET" || answer.schema.empty()) continue;
    std::string path = route.path;
    if (const size_t id = path.find("{id}"); id != std::string::npos) path.replace(id, 4, "1");
    const auto query = queries.find(path);
    const Json body = GetJson(path, query == queries.end() ? "" : query->second);
    EXPECT_EQ(check.Check(answer.schema, body), "") << path << body.dump(1);
    ++checked;
  }
  EXPECT_EQ(checked, 13u);
  EXPECT_EQ(check.Check("Error", Json::parse(ErrorResponse(400, "no").body)), "");
}

TEST_F(OpenApi, TheCheckItselfFindsWhatIsWrong) {
  const SchemaCheck check(GetJson("/openapi.json"));
  Json entry = GetJson("/audit")["entries"][0];
  EXPECT_EQ(check.Check("AuditEntry", entry), "");
  entry["status"] = "200";
  EXPECT_NE(check.Check("AuditEntry", entry), "");
  entry["status"] = 200;
  entry["more"] = 1;
  EXPECT_NE(check.Check("AuditEntry", entry), "");
  entry.erase("more");
  entry["time"] = "yesterday";
  EXPECT_NE(check.Check("AuditEntry", entry), "");
  entry.erase("time");
  EXPECT_NE(check.Check("AuditEntry", entry), "");
}

TEST_F(OpenApi, WhyAnswersInWords) {
  const Json why = GetJson("/why", "entity=home&at=2023-11-14T22:13:20Z");
  ASSERT_EQ(why["scopes"].size(), 1u);
  const Json& scope = why["scopes"][0];
  EXPECT_EQ(scope["knowledge"], "judged");
  EXPECT_EQ(scope["round_ran"], true);
  EXPECT_EQ(scope["judgement"]["gate"], "boot_grace");
  EXPECT_EQ(scope["coverage"], 0.5);
  EXPECT_EQ(scope["missing"][0], "memory_percent");
  EXPECT_NE(scope["words"].get<std::string>().find("had just started"), std::string::npos);
  const Json& cpu = scope["judgement"]["features"][0];
  EXPECT_EQ(cpu["feature"], "cpu_percent");
  EXPECT_EQ(cpu["upper"], 30);
}

TEST_F(OpenApi, AnAnomalyTellsItsStoryWithTheFactsOfItsEntity) {
  const Json story = GetJson("/anomalies/7")["story"];
  ASSERT_EQ(story.size(), 2u);
  EXPECT_EQ(story[0]["fact"], "container_down");
  EXPECT_EQ(story[0]["anomaly"], 1);
  EXPECT_EQ(story[1]["feature"], "cpu_percent");
  EXPECT_EQ(story[1]["time"], FormatTime(kViewTime - minutes(3)));
  EXPECT_TRUE(GetJson("/anomalies/7")["story_gap"].is_null());
  EXPECT_FALSE(GetJson("/anomalies")["anomalies"][0].contains("story"));
}

}  // namespace
}  // namespace aiops
