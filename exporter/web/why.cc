#include "pipeline/why.h"

#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/api.h"
#include "web/view_json.h"

namespace aiops {
namespace {

Json ToJson(const Judgement& j) {
  return {{"time", FormatTime(j.time)},
          {"score", NumberJson(j.score)},
          {"level", NumberJson(j.level)},
          {"threshold", NumberJson(j.threshold)},
          {"verdict", ToString(j.verdict)},
          {"gate", TextJson(std::string(ToString(j.gate)))},
          {"features", ContributionsJson(j.features)}};
}

Json OpenJson(const std::vector<Anomaly>& open) {
  Json out = Json::array();
  for (const Anomaly& a : open) {
    out.push_back({{"id", a.id},
                   {"kind", ToString(a.kind)},
                   {"fact", TextJson(a.fact)},
                   {"object", TextJson(a.object)},
                   {"severity", ToString(a.severity)},
                   {"started_at", TimeJson(a.started_at)},
                   {"ended_at", TimeJson(a.ended_at)},
                   {"summary", a.summary}});
  }
  return out;
}

Json ToJson(const std::string& scope, const WhyAnswer& a) {
  Json around = Json::array();
  for (const Judgement& j : a.around) around.push_back(ToJson(j));
  return {{"scope", scope},
          {"words", a.words},
          {"knowledge", ToString(a.knowledge)},
          {"round_ran", a.judgement.has_value()},
          {"daemon_ran", a.daemon_ran ? Json(*a.daemon_ran) : Json(nullptr)},
          {"judgement", a.judgement ? ToJson(*a.judgement) : Json(nullptr)},
          {"sampled_at", TimeJson(a.sampled_at)},
          {"coverage", NumberJson(a.coverage)},
          {"missing", a.missing},
          {"around", around},
          {"sample_before", TimeJson(a.samples.before)},
          {"sample_after", TimeJson(a.samples.after)},
          {"open", OpenJson(a.open)}};
}

// When it was judged last, or else its newest sample: the present interval never is.
Result<Time> NewestMoment(const Store& store, const View& view, const EntityKey& key, Time now) {
  for (const EntityView& e : view.entities)
    if (e.key == key && e.judged_at != Time{}) return e.judged_at;
  AIOPS_TRY(const auto samples, store.SamplesAround(key, now));
  return samples.before.value_or(now);
}

std::string CloseAfter(const View& view) {
  for (const Origin& origin : view.config)
    if (origin.key == "detect.close_after") return origin.value;
  return "";
}

Result<std::optional<WhyAnswer>> Explain(const Store& store, const View& view, const EntityKey& key,
                                         Duration interval, std::optional<Time> at, Time now) {
  WhyQuestion question{key, interval, now, std::nullopt, NextRound(view), CloseAfter(view)};
  if (at) {
    question.at = *at;
  } else {
    AIOPS_TRY(question.at, NewestMoment(store, view, key, now));
    question.open_until = now;
  }
  return ExplainWhy(store, question, now);
}

}  // namespace

std::vector<Param> WhyParams() {
  return {
      TextParam("entity", "Whose silence, as /status names it.", true),
      TimeParam("at",
                "The moment; where it is absent, when it was judged last, or the newest sample."),
      TextParam("scope", "In this scope; else in every one that knows the entity.")};
}

WebResponse TellWhy(const Store& store, const View& view, Time now, const WebRequest& request) {
  const std::string entity = *TextOf(request, "entity");
  const auto at = TimeOf(request, "at");
  const auto wanted = TextOf(request, "scope");
  Json scopes = Json::array();
  for (const Scope& scope : view.scopes) {
    if (wanted && *wanted != scope.name) continue;
    const auto answer = Explain(store, view, {scope.name, entity}, scope.interval, at, now);
    if (!answer) return StoreFailed(answer.error());
    if (*answer) scopes.push_back(ToJson(scope.name, **answer));
  }
  if (scopes.empty()) {
    return ErrorResponse(404, "nothing is stored of an entity '" + Sanitize(entity, 100) + "'" +
                                  (wanted ? " in the scope '" + Sanitize(*wanted, 100) + "'" : "") +
                                  "; /status names those that there are");
  }
  return JsonResponse(
      Dump({{"entity", entity}, {"at", FormatTime(at.value_or(now))}, {"scopes", scopes}}));
}

}  // namespace aiops
