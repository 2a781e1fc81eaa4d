// The report for programs: docs/backtest.md describes it.
#include <nlohmann/json.hpp>

#include "ctl/backtest_report.h"
#include "ctl/json_text.h"
#include "pipeline/why.h"
#include "web/api.h"
#include "web/json_values.h"

namespace aiops {
namespace {

Json EpisodeJson(const Episode& episode, const BacktestOutcome& outcome) {
  // What GET /anomalies says of one.
  Json json = ParseJson(AnomalyJson(episode.anomaly)).value_or(Json::object());
  json["lasted_seconds"] = Seconds(LastedFor(episode.anomaly, outcome));
  json["story"] = Json::array();
  for (const StoryStep& step : episode.story.steps)
    json["story"].push_back({{"time", TimeJson(step.time)}, {"text", step.text}});
  return json;
}

Json GatesJson(const BacktestOutcome& outcome) {
  Json gates = Json::array();
  for (const auto& [gate, samples] : outcome.gates)
    gates.push_back({{"gate", ToString(gate)}, {"samples", samples}, {"why", GateReason(gate)}});
  return gates;
}

Json EntityJson(const EntityOutcome& entity) {
  Json features = Json::object();
  for (size_t f = 0; f < entity.features.size(); ++f)
    features[entity.features[f].name] = entity.present[f];
  Json model = {{"rows", entity.model_rows},
                {"trusted", entity.trusted},
                {"without", entity.without_model},
                {"untrained", TextJson(entity.untrained)}};
  return {{"scope", entity.key.scope}, {"entity", entity.key.entity}, {"samples", entity.judged},
          {"unknown", entity.unknown}, {"present", features},         {"model", model}};
}

Json ReportJson(const BacktestReport& report) {
  const BacktestOutcome& o = report.outcome;
  Json json;
  json["url"] = report.url;
  json["configuration"] = report.configuration;
  json["from"] = TimeJson(o.range.from);
  json["to"] = TimeJson(o.range.to);
  json["data_from"] = TimeJson(o.data_from);
  json["train_from"] = TimeJson(o.range.train_until - o.range.train_for);
  json["train_until"] = TimeJson(o.range.train_until);
  json["headline"] = BacktestHeadline(report);
  json["critical"] = o.critical;
  json["warning"] = o.warning;
  json["messages"] = o.messages;
  json["samples"] = o.samples();
  json["unknown"] = o.unknown();
  json["log_only"] = o.log_only;
  json["episodes"] = Json::array();
  for (const Episode& episode : o.episodes) json["episodes"].push_back(EpisodeJson(episode, o));
  json["gates"] = GatesJson(o);
  json["entities"] = Json::array();
  for (const EntityOutcome& entity : o.entities) json["entities"].push_back(EntityJson(entity));
  json["notes"] = report.notes;
  json["reading"] = {{"queries", report.queries}, {"sent", report.sent}, {"points", report.points}};
  return json;
}

Json IdsOf(const std::vector<const Episode*>& episodes) {
  Json ids = Json::array();
  for (const Episode* episode : episodes) ids.push_back(episode->anomaly.id);
  return ids;
}

}  // namespace

std::string BacktestJson(const BacktestReport& report) { return PrintJson(ReportJson(report)); }

std::string BacktestJson(const BacktestReport& first, const BacktestReport& second) {
  const EpisodeMatch match = Match(first.outcome, second.outcome);
  return PrintJson(Json{{"a", ReportJson(first)},
                        {"b", ReportJson(second)},
                        {"both", match.both},
                        {"only_a", IdsOf(match.only_first)},
                        {"only_b", IdsOf(match.only_second)}});
}

}  // namespace aiops
