#include <nlohmann/json.hpp>

#include "model/band.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/view_json.h"

namespace aiops {
namespace {

template <class Map>
Json CountsJson(const Map& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

Json FeaturesJson(const View& view, const EntityView& e) {
  Json out = Json::array();
  for (const Scope& scope : view.scopes) {
    if (scope.name != e.key.scope) continue;
    for (size_t i = 0; i < std::min(scope.features.size(), e.score.features.size()); ++i)
      out.push_back(FeatureJson(scope.features[i], e.score.features[i]));
  }
  return out;
}

Json EntityJson(const View& view, const EntityView& e) {
  Json out;
  out["entity"] = e.key.entity;
  out["scope"] = e.key.scope;
  out["labels"] = CountsJson(e.labels);
  out["verdict"] = ToString(e.verdict);
  out["learned"] = ToString(e.learned);
  out["reason"] = TextJson(e.reason);
  out["judged_at"] = TimeJson(e.judged_at);
  out["sampled_at"] = TimeJson(e.sampled_at);
  out["ready_at"] = TimeJson(e.ready_at);
  out["score"] = NumberJson(e.score.score);
  out["learned_score"] = NumberJson(e.learned_score);
  out["level"] = NumberJson(e.score.level);
  out["gate"] = TextJson(std::string(ToString(e.score.gate)));
  out["coverage"] = NumberJson(e.score.coverage);
  out["warmup"] = NumberJson(e.score.warmup);
  out["model"] = {{"loaded", e.model.present},
                  {"trusted", e.trust.holds},
                  {"because", TextJson(std::string(e.trust.because))},
                  {"trained_at", TimeJson(e.trained_at())},
                  {"rows", e.model.rows},
                  {"score", NumberJson(e.score.forest)},
                  {"warning", NumberJson(e.model.warning)},
                  {"critical", NumberJson(e.model.critical)}};
  out["features"] = FeaturesJson(view, e);
  return out;
}

}  // namespace

Json FeatureJson(const Feature& feature, const FeatureScore& f) {
  return {{"feature", feature.name},
          {"unit", feature.unit},
          {"direction", ToString(feature.direction)},
          {"source", feature.source},
          {"value", NumberJson(f.value)},
          {"expected", NumberJson(f.expected)},
          {"lower", NumberJson(f.lower)},
          {"upper", NumberJson(f.upper)},
          {"anomalous", f.anomalous},
          {"gate", TextJson(std::string(ToString(f.gate)))},
          {"remark", TextJson(std::string(RemarkOn(f)))}};
}

Json CollectorsJson(const View& view) {
  Json out = Json::array();
  for (const CollectorView& c : view.collectors) {
    Json counters = Json::array();
    for (const auto& [key, count] : c.counters) {
      counters.push_back(
          {{"event", key.first}, {"reason", key.second}, {"count", NumberJson(count)}});
    }
    out.push_back(
        {{"name", c.name},
         {"help", c.help},
         {"up", c.up},
         {"error", TextJson(c.error)},
         {"notes", c.notes},
         {"last_success", TimeJson(c.last_success)},
         {"last_duration_seconds", c.ran ? Json(Seconds(c.last_duration)) : Json(nullptr)},
         {"next_run", TimeJson(c.next_run)},
         {"late", c.late},
         {"failures", CountsJson(c.failures)},
         {"counters", counters}});
  }
  return out;
}

Json JobsJson(const View& view) {
  Json out = Json::array();
  for (const JobView& j : view.jobs) {
    out.push_back(
        {{"name", j.name},
         {"schedule", j.schedule},
         {"last_run", TimeJson(j.last_run)},
         {"last_success", TimeJson(j.last_success)},
         {"last_duration_seconds", j.last_run ? Json(Seconds(j.last_duration)) : Json(nullptr)},
         {"last_result", TextJson(j.last_result)},
         {"next_run", TimeJson(j.next_run)}});
  }
  return out;
}

Json ReceiversJson(const View& view) {
  Json out = Json::array();
  for (const ReceiverView& r : view.receivers) {
    out.push_back({{"name", r.name},
                   {"kind", r.kind},
                   {"up", r.up ? Json(*r.up) : Json(nullptr)},
                   {"last_success", TimeJson(r.last_success)},
                   {"last_error", TextJson(r.last_error)},
                   {"next_send", TimeJson(r.next_send)},
                   {"sent", r.sent},
                   {"failures", CountsJson(r.failures)},
                   {"outbox", CountsJson(ByName(r.outbox))}});
  }
  return out;
}

Json StoreJson(const View& view) {
  return {{"up", view.store.up},
          {"error", TextJson(view.store.error)},
          {"database_bytes", view.store.database_bytes},
          {"wal_bytes", view.store.wal_bytes},
          {"samples", view.store.sample_rows},
          {"backlog", view.store_backlog},
          {"commit_failures", view.store.commit_failures},
          {"set_aside", TextJson(view.store.set_aside)}};
}

namespace {

Json FactsJson(const View& view) {
  Json out = Json::array();
  for (const ActiveFact& f : view.facts) {
    out.push_back({{"entity", f.key.entity},
                   {"scope", f.key.scope},
                   {"fact", f.name},
                   {"object", TextJson(f.object)},
                   {"severity", ToString(f.severity)}});
  }
  return out;
}

Json OpenJson(const View& view) {
  Json out = Json::array();
  for (const Anomaly& a : view.open) {
    out.push_back(Json::parse(AnomalyJson(a)));
  }
  return out;
}

Json ConfigJson(const View& view) {
  Json out = Json::array();
  for (const Origin& o : view.config) {
    out.push_back({{"key", o.key}, {"value", o.value}, {"from", o.from}});
  }
  return out;
}

}  // namespace

Json ChecklistJson(const View& view) {
  Json out = Json::array();
  for (const SourceCheck& s : view.checklist) {
    out.push_back({{"source", s.name},
                   {"ok", s.state == SourceState::kWorks},
                   {"state", ToString(s.state)},
                   {"detail", s.detail}});
  }
  return out;
}

Json GroupsJson(const View& view) {
  Json out = Json::array();
  for (const GroupStory& g : view.groups) {
    out.push_back({{"scope", g.scope},
                   {"affected", g.affected},
                   {"entities", g.entities},
                   {"labels", CountsJson(g.shared)},
                   {"text", g.text}});
  }
  return out;
}

std::string StatusJson(const View& view, Time now, const OutboxCounts& outbox) {
  Json out;
  out["version"] = view.version;
  out["tryout"] = view.tryout;
  out["now"] = TimeJson(now);
  out["started_at"] = TimeJson(view.started_at);
  out["headline"] = HeadlineJson(view, now);
  out["health"] = Json::parse(HealthJson(view, now));
  out["silences"] = SilencesInForceJson(view, now);
  out["checklist"] = ChecklistJson(view);
  out["groups"] = GroupsJson(view);
  out["rounds"] = {{"total", view.rounds_total},
                   {"last", TimeJson(view.last_round)},
                   {"duration_seconds",
                    view.last_round ? Json(Seconds(view.last_round_duration)) : Json(nullptr)}};
  out["entities"] = Json::array();
  for (const EntityView& e : view.entities) out["entities"].push_back(EntityJson(view, e));
  out["facts"] = FactsJson(view);
  out["open_anomalies"] = OpenJson(view);
  out["collectors"] = CollectorsJson(view);
  out["jobs"] = JobsJson(view);
  out["receivers"] = ReceiversJson(view);
  out["outbox"] = CountsJson(ByName(outbox));
  out["store"] = StoreJson(view);
  out["reload"] = {{"ok", view.reload_ok},
                   {"at", TimeJson(view.reload_at)},
                   {"error", TextJson(view.reload_error)}};
  out["config"] = ConfigJson(view);
  return Dump(out);
}

}  // namespace aiops
