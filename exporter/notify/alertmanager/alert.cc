#include "notify/alertmanager/alert.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/band.h"
#include "model/fact.h"
#include "text/human_number.h"
#include "text/sanitize.h"

namespace aiops::alertmanager {
namespace {

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxLabelNameBytes = 128;
constexpr size_t kMaxAnnotationBytes = 1024;
constexpr size_t kMainContributions = 3;

void AddLabel(std::map<std::string, std::string>& labels, std::string_view name,
              std::string_view value) {
  auto safe_name = LabelName(name);
  auto safe_value = Sanitize(value);
  if (safe_name.empty() || safe_value.empty() || labels.size() >= kMaxLabels) return;
  labels.emplace(std::move(safe_name), std::move(safe_value));
}

// emplace() keeps the first, so the order is the precedence.
std::map<std::string, std::string> MakeLabels(const Anomaly& anomaly, const Labels& user_labels) {
  const bool fact = anomaly.kind == AnomalyKind::kFact;
  std::map<std::string, std::string> labels;
  AddLabel(labels, "alertname", fact ? AlertName(anomaly.fact) : "AiopsAnomaly");
  AddLabel(labels, "severity", ToString(anomaly.severity));
  AddLabel(labels, "entity", anomaly.key.entity);
  AddLabel(labels, "scope", anomaly.key.scope);
  AddLabel(labels, "kind", ToString(anomaly.kind));
  if (fact) AddLabel(labels, "object", anomaly.object);
  for (const auto& [name, value] : user_labels) AddLabel(labels, name, value);
  for (const auto& [name, value] : anomaly.labels) AddLabel(labels, name, value);
  return labels;
}

std::string Band(const Contribution& c) {
  if (!IsMissing(c.lower) && !IsMissing(c.upper))
    return " (" + HumanNumber(c.lower, c.unit) + " to " + HumanNumber(c.upper, c.unit) + ")";
  return "";
}

// "request_rate is 830 requests/s, expected 12 requests/s (3.1 requests/s to 25 requests/s)"
std::string Sentence(const Contribution& c) {
  std::string out = c.feature + " is " + HumanNumber(c.value, c.unit);
  if (!IsMissing(c.expected)) out += ", expected " + HumanNumber(c.expected, c.unit) + Band(c);
  return out;
}

std::string Description(const Anomaly& anomaly) {
  std::string out;
  if (anomaly.kind == AnomalyKind::kFact) {
    out = anomaly.fact + (anomaly.object.empty() ? "" : " of " + anomaly.object);
    return out + " since " + FormatTime(anomaly.started_at);
  }
  for (const Contribution& c : Deviating(anomaly.contributions, kMainContributions))
    out += (out.empty() ? "" : "; ") + Sentence(c);
  if (!out.empty() || anomaly.contributions.empty()) return out;
  return CombinationText(anomaly.contributions, kMainContributions);
}

// The stored analysis is JSON that a model may have worded: only one text of it is taken.
std::string RootCause(const Anomaly& anomaly) {
  if (anomaly.root_cause.empty()) return "";
  const auto json = nlohmann::json::parse(anomaly.root_cause, nullptr, false);
  if (!json.is_object()) return "";
  const auto it = json.find("root_cause");
  return it != json.end() && it->is_string() ? it->get<std::string>() : "";
}

std::map<std::string, std::string> MakeAnnotations(const Anomaly& anomaly,
                                                   const std::string& link) {
  std::map<std::string, std::string> out;
  const auto add = [&out](const char* name, std::string_view text) {
    auto safe = Sanitize(text, kMaxAnnotationBytes);
    if (!safe.empty()) out.emplace(name, std::move(safe));
  };
  add("summary", anomaly.summary);
  add("description", Description(anomaly));
  add("group", anomaly.group);
  add("root_cause", RootCause(anomaly));
  add("anomaly_id", std::to_string(anomaly.id));
  add("link", link);
  return out;
}

}  // namespace

std::string LabelName(std::string_view text) {
  text = text.substr(0, kMaxLabelNameBytes);
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (digit && out.empty()) out += '_';
    out += digit || letter ? c : '_';
  }
  return out;
}

Alert MakeAlert(const Anomaly& anomaly, const AlertContext& context) {
  Alert alert;
  if (!context.external_url.empty())
    alert.generator_url = context.external_url + "/anomalies/" + std::to_string(anomaly.id);
  alert.labels = MakeLabels(anomaly, context.user_labels);
  alert.annotations = MakeAnnotations(anomaly, alert.generator_url);
  alert.starts_at = anomaly.started_at;
  const auto open_until = context.now + context.expiry;
  const auto end = anomaly.state == AnomalyState::kOpen
                       ? open_until
                       : anomaly.ended_at.value_or(anomaly.last_seen_at);
  // After a step of the clock the end may lie before the start, which Alertmanager refuses.
  alert.ends_at = std::max(alert.starts_at, end);
  return alert;
}

}  // namespace aiops::alertmanager
