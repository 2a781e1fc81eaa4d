#include <algorithm>
#include <array>
#include <map>

#include "web/metric_table.h"
#include "web/metrics.h"

namespace aiops {
namespace {

constexpr std::array kVerdicts{Verdict::kUnknown, Verdict::kNormal, Verdict::kLogOnly,
                               Verdict::kWarning, Verdict::kCritical};
constexpr std::array kSeverities{Severity::kWarning, Severity::kCritical};

double Timestamp(const std::optional<Time>& time) { return time ? UnixSeconds(*time) : kMissing; }

const Scope* FindScope(const View& view, const std::string& name) {
  const auto found = std::find_if(view.scopes.begin(), view.scopes.end(),
                                  [&](const Scope& s) { return s.name == name; });
  return found == view.scopes.end() ? nullptr : &*found;
}

void AddVerdict(const EntityView& e, MetricSet& out) {
  const std::string &entity = e.key.entity, &scope = e.key.scope;
  for (const Verdict verdict : kVerdicts) {
    const std::string name(ToString(verdict));
    out.Add("aiops_verdict", {{"entity", entity}, {"scope", scope}, {"verdict", name}},
            e.verdict == verdict ? 1 : 0);
  }
  std::vector<prometheus::ClientMetric::Label> info{{"entity", entity}, {"scope", scope}};
  for (const auto& [name, value] : e.labels) info.push_back({name, value});
  out.Add("aiops_entity_info", std::move(info), 1);
  out.Add("aiops_ready_timestamp_seconds", {{"entity", entity}, {"scope", scope}},
          Timestamp(e.ready_at));
}

void AddScore(const EntityView& e, MetricSet& out) {
  const auto add = [&](const char* name, double value) {
    out.Add(name, {{"entity", e.key.entity}, {"scope", e.key.scope}}, value);
  };
  const bool judged = e.judged_at != Time{};
  add("aiops_anomaly_score", e.score.score);
  add("aiops_anomaly_level", e.score.level);
  add("aiops_forest_score", e.score.forest);
  add("aiops_ewma_anomalies", judged ? e.score.ewma_anomalies : kMissing);
  add("aiops_coverage_ratio", judged ? e.score.coverage : kMissing);
  add("aiops_warmup_ratio", e.score.warmup);
}

void AddModel(const EntityView& e, MetricSet& out) {
  if (!e.model.present) return;
  const std::string &entity = e.key.entity, &scope = e.key.scope;
  for (const Severity severity : kSeverities) {
    const std::string name(ToString(severity));
    out.Add("aiops_forest_threshold", {{"entity", entity}, {"scope", scope}, {"severity", name}},
            severity == Severity::kWarning ? e.model.warning : e.model.critical);
  }
  out.Add("aiops_model_trained_timestamp_seconds", {{"entity", entity}, {"scope", scope}},
          Timestamp(e.trained_at()));
  out.Add("aiops_model_rows", {{"entity", entity}, {"scope", scope}},
          static_cast<double>(e.model.rows));
  out.Add("aiops_model_bytes", {{"entity", entity}, {"scope", scope}},
          static_cast<double>(e.model.bytes));
}

// Of the training that brought it.
void AddTraining(const EntityView& e, MetricSet& out) {
  if (!e.in_use) return;
  const std::string &entity = e.key.entity, &scope = e.key.scope;
  for (size_t i = 0; i < kExclusionCount; ++i) {
    const auto reason = static_cast<Exclusion>(i);
    const std::string name(ToString(reason));
    const double share = e.in_use->ExcludedShare(reason);
    out.Add("aiops_model_excluded_ratio", {{"entity", entity}, {"scope", scope}, {"reason", name}},
            share > 0 ? share : kMissing);
  }
  const Trial& trial = e.in_use->trial;
  out.Add("aiops_model_trial_alert_ratio", {{"entity", entity}, {"scope", scope}},
          trial.rows == 0 ? kMissing
                          : static_cast<double>(trial.alerts) / static_cast<double>(trial.rows));
}

void AddFeatures(const EntityView& e, const Scope& scope, MetricSet& out) {
  double evidence = 0;
  for (const FeatureScore& f : e.score.features) evidence += f.contribution;
  const size_t count = std::min(e.score.features.size(), scope.features.size());
  for (size_t i = 0; i < count; ++i) {
    const FeatureScore& f = e.score.features[i];
    const auto add = [&](const char* name, double value) {
      out.Add(
          name,
          {{"entity", e.key.entity}, {"scope", e.key.scope}, {"feature", scope.features[i].name}},
          value);
    };
    add("aiops_feature_value", f.value);
    add("aiops_feature_expected", f.expected);
    add("aiops_feature_lower_bound", f.lower);
    add("aiops_feature_upper_bound", f.upper);
    add("aiops_feature_contribution_ratio", evidence > 0 ? f.contribution / evidence : kMissing);
  }
}

void AddScopes(const View& view, MetricSet& out) {
  std::map<std::pair<std::string, Severity>, int> open;
  for (const Scope& scope : view.scopes) {
    for (const Severity severity : kSeverities) open[{scope.name, severity}] = 0;
    for (const Feature& f : scope.features) {
      const std::string direction(ToString(f.direction));
      out.Add("aiops_feature_info",
              {{"scope", scope.name},
               {"feature", f.name},
               {"unit", f.unit},
               {"direction", direction},
               {"source", f.source}},
              1);
    }
  }
  for (const Anomaly& anomaly : view.open) ++open[{anomaly.key.scope, anomaly.severity}];
  for (const auto& [key, count] : open) {
    const std::string severity(ToString(key.second));
    out.Add("aiops_open_anomalies", {{"scope", key.first}, {"severity", severity}}, count);
  }
}

void AddCounters(const View& view, MetricSet& out) {
  // All from zero, so that increase() sees the first one.
  std::map<CounterKey, std::uint64_t> anomalies = view.anomalies_total;
  std::map<std::pair<std::string, std::string>, std::uint64_t> gated = view.gated_total;
  std::map<std::string, std::uint64_t> log_only = view.log_only_total;
  std::map<std::pair<std::string, std::string>, std::uint64_t> trainings = view.trainings_total;
  for (const Scope& scope : view.scopes) {
    log_only.try_emplace(scope.name, 0);
    for (const char* result : {"adopted", "refused", "failed"})
      trainings.try_emplace({scope.name, result}, 0);
    for (const Severity severity : kSeverities)
      for (const AnomalyKind kind : {AnomalyKind::kLearned, AnomalyKind::kFact})
        anomalies.try_emplace(
            {std::string(ToString(severity)), scope.name, std::string(ToString(kind))}, 0);
    for (int g = 1; g < kGateCount; ++g)
      gated.try_emplace({std::string(ToString(static_cast<Gate>(g))), scope.name}, 0);
  }
  for (const auto& [key, count] : anomalies) {
    out.Add("aiops_anomalies_total",
            {{"scope", key.scope}, {"severity", key.severity}, {"kind", key.kind}},
            static_cast<double>(count));
  }
  for (const auto& [key, count] : gated) {
    out.Add("aiops_gated_total", {{"scope", key.second}, {"gate", key.first}},
            static_cast<double>(count));
  }
  for (const auto& [key, count] : trainings) {
    out.Add("aiops_trainings_total", {{"scope", key.first}, {"result", key.second}},
            static_cast<double>(count));
  }
  for (const auto& [scope, count] : log_only) {
    out.Add("aiops_log_only_total", {{"scope", scope}}, static_cast<double>(count));
  }
}

}  // namespace

void AddEntityMetrics(const View& view, int per_feature_limit, MetricSet& out) {
  std::map<std::string, int> entities;  // by scope
  for (const EntityView& e : view.entities) ++entities[e.key.scope];
  for (const EntityView& e : view.entities) {
    AddVerdict(e, out);
    AddScore(e, out);
    AddModel(e, out);
    AddTraining(e, out);
    const Scope* scope = FindScope(view, e.key.scope);
    const bool few = entities[e.key.scope] <= per_feature_limit;
    if (scope != nullptr && (few || e.verdict >= Verdict::kWarning)) AddFeatures(e, *scope, out);
  }
  for (const ActiveFact& f : view.facts) {
    out.Add(
        "aiops_fact_active",
        {{"entity", f.key.entity}, {"scope", f.key.scope}, {"fact", f.name}, {"object", f.object}},
        1);
  }
  AddScopes(view, out);
  AddCounters(view, out);
}

}  // namespace aiops
