#include "pipeline/model_json.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace aiops {
namespace {

using Json = nlohmann::ordered_json;

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json CountOrNull(size_t count) { return count == 0 ? Json(nullptr) : Json(count); }
Json TimeOrNull(Time time) { return time == Time{} ? Json(nullptr) : Json(FormatTime(time)); }

Json TrialJson(const Trial& trial) {
  if (trial.rows == 0) return nullptr;
  return {{"rows", trial.rows},
          {"alerts", trial.alerts},
          {"alerts_in_use", trial.alerts_in_use ? Json(*trial.alerts_in_use) : Json(nullptr)},
          {"passed", trial.passed}};
}

Json ExcludedJson(const Exclusions& excluded) {
  Json out = Json::object();
  for (size_t i = 0; i < excluded.size(); ++i)
    out[std::string(ToString(static_cast<Exclusion>(i)))] = excluded[i];
  return out;
}

std::string Hex(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

Json ModelJson(const ModelRecord& m) {
  return {{"id", m.id},
          {"entity", m.key.entity},
          {"scope", m.key.scope},
          {"state", ToString(m.state)},
          {"reason", TextOrNull(m.reason)},
          {"trained_at", FormatTime(m.trained_at)},
          {"used_from", TimeOrNull(m.used_from.value_or(Time{}))},
          {"why", TextOrNull(m.why)},
          {"rows", CountOrNull(m.rows)},
          {"from", TimeOrNull(m.first_sample)},
          {"to", TimeOrNull(m.last_sample)},
          {"excluded", m.rows == 0 ? Json(nullptr) : ExcludedJson(m.excluded)},
          {"trial", TrialJson(m.trial)},
          {"bytes", CountOrNull(m.bytes)},
          {"schema", m.schema == 0 ? Json(nullptr) : Json(Hex(m.schema))}};
}

}  // namespace aiops
