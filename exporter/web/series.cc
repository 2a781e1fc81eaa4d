#include "web/series.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/projection.h"
#include "text/sanitize.h"
#include "web/params.h"
#include "web/view_json.h"

namespace aiops {
namespace {

constexpr std::int64_t kHours = 6, kMaxHours = 24 * 7;
constexpr std::int64_t kMostSteps = 96;
constexpr std::int64_t kFewestSteps = 30;  // a start is not drawn as a cliff
constexpr size_t kMaxSamples = 20'000;     // a week at thirty seconds; of more, the newest

// Steps of whole intervals, so that an empty one is a gap and not an artefact.
struct Grid {
  Time from;
  Duration step{};
  size_t count = 0;

  Grid(Time first, Time last, Duration interval) {
    interval = std::max<Duration>(interval, seconds(1));
    const std::int64_t intervals = (last - first) / interval + 1;
    step = interval * ((intervals + kMostSteps - 1) / kMostSteps);
    from = std::min(FloorTo(first, step), FloorTo(last, step) - step * (kFewestSteps - 1));
    count = At(last) + 1;
  }
  size_t At(Time t) const { return static_cast<size_t>((FloorTo(t, step) - from) / step); }
};

// Least and greatest value of each step: a spike is never averaged away.
void AddCurve(Json& out, const Grid& grid, const std::vector<Sample>& samples, size_t feature) {
  std::vector<double> low(grid.count, kMissing), high(grid.count, kMissing);
  for (const Sample& sample : samples) {
    const double value = sample.values[feature];
    if (IsMissing(value)) continue;
    const size_t i = grid.At(sample.time);
    low[i] = std::fmin(low[i], value);
    high[i] = std::fmax(high[i], value);
  }
  Json lows = Json::array(), highs = Json::array();
  for (size_t i = 0; i < grid.count; ++i) {
    lows.push_back(RoughJson(low[i]));
    highs.push_back(RoughJson(high[i]));
  }
  out["low"] = std::move(lows);
  out["high"] = std::move(highs);
}

// The worst verdict of each step; null where nothing was judged.
Json VerdictsJson(const Grid& grid, const std::vector<Judgement>& judgements) {
  Json out = Json::array();
  std::vector<std::optional<Verdict>> worst(grid.count);
  for (const Judgement& j : judgements) {
    const size_t i = grid.At(j.time);
    if (i < grid.count) worst[i] = std::max(worst[i].value_or(j.verdict), j.verdict);
  }
  for (const auto& verdict : worst) out.push_back(verdict ? Json(ToString(*verdict)) : nullptr);
  return out;
}

// Samples whose numbers nobody can name any more are left out.
Result<std::vector<Sample>> ReadValues(const Store& store, const Scope& scope,
                                       const SampleQuery& query) {
  AIOPS_TRY(auto samples, store.ReadSamples(query));
  AIOPS_TRY(const SchemaNames schemas, ReadSchemaNames(store));
  std::vector<Sample> out;
  for (Sample& sample : samples) {
    auto values = Project(sample, scope, schemas);
    if (!values || values->size() != scope.features.size()) continue;
    sample.values = *std::move(values);
    out.push_back(std::move(sample));
  }
  return out;
}

const Scope* FindScope(const View& view, const std::string& name) {
  for (const Scope& scope : view.scopes) {
    if (scope.name == name) return &scope;
  }
  return nullptr;
}

const EntityView* FindEntity(const View& view, const std::optional<std::string>& scope,
                             const std::string& entity) {
  for (const EntityView& e : view.entities) {
    if (e.key.entity == entity && (!scope || e.key.scope == *scope)) return &e;
  }
  return nullptr;
}

// Curves end with the sample whose values and bands stand beside them.
Result<Json> SeriesJson(const Store& store, const Scope& scope, const EntityView& e, Time since,
                        Time now, const std::optional<std::string>& only) {
  const Time end = e.sampled_at == Time{} ? now : e.sampled_at;
  AIOPS_TRY(const auto samples,
            ReadValues(store, scope, {e.key, since, end, std::nullopt, kMaxSamples}));
  const Grid grid = samples.empty()
                        ? Grid(end, end, scope.interval)
                        : Grid(samples.front().time, samples.back().time, scope.interval);
  AIOPS_TRY(const auto judgements,
            store.ReadJudgements(e.key, {grid.from, grid.from + grid.step * grid.count}));
  Json out;
  out["entity"] = e.key.entity;
  out["scope"] = e.key.scope;
  out["from"] = TimeJson(grid.from);
  out["sampled_at"] = TimeJson(e.sampled_at);
  out["step_seconds"] = Seconds(grid.step);
  out["interval_seconds"] = Seconds(scope.interval);
  out["verdicts"] = VerdictsJson(grid, judgements);
  out["features"] = Json::array();
  for (size_t i = 0; i < scope.features.size(); ++i) {
    if (only && scope.features[i].name != *only) continue;
    const bool scored = i < e.score.features.size();
    Json feature = FeatureJson(scope.features[i], scored ? e.score.features[i] : FeatureScore{});
    feature["help"] = scope.features[i].help;
    AddCurve(feature, grid, samples, i);
    out["features"].push_back(std::move(feature));
  }
  return out;
}

}  // namespace

std::vector<Param> SeriesParams() {
  return {TextParam("entity", "Whose.", true), TextParam("scope", "Of this scope only."),
          TextParam("feature", "This feature only."),
          IntegerParam("hours", "So far back.", kMaxHours, kHours)};
}

WebResponse Series(const View& view, const Store& store, Time now, const WebRequest& request) {
  const std::string entity = TextOf(request, "entity").value_or("");
  const auto back = hours(IntegerOf(request, "hours").value_or(kHours));
  const EntityView* found = FindEntity(view, TextOf(request, "scope"), entity);
  const Scope* scope = found == nullptr ? nullptr : FindScope(view, found->key.scope);
  if (scope == nullptr) {
    return ErrorResponse(404, "nobody called '" + Sanitize(entity, 64) +
                                  "' is watched; /overview lists the entities");
  }
  const auto json = SeriesJson(store, *scope, *found, now - back, now, TextOf(request, "feature"));
  if (!json) return ErrorResponse(503, "the database does not answer: " + json.error().message);
  WebResponse response;
  response.body = Dump(*json, -1);
  return response;
}

}  // namespace aiops
