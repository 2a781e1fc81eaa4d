#include "pipeline/recording.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace aiops {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json SixDigits(double value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return Json::parse(text.data(), nullptr, false);
}

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const auto& [name, value] : labels) out[name] = value;
  return out;
}

Json ReadingsJson(const std::vector<Reading>& readings, const std::vector<Scope>& scopes) {
  Json out = Json::array();
  for (const Reading& r : readings) {
    const Scope& scope = scopes.at(r.feature.scope);
    Json one{{"scope", scope.name}, {"feature", scope.features.at(r.feature.feature).name}};
    if (!r.labels.empty()) one["labels"] = LabelsJson(r.labels);
    one["value"] = std::isfinite(r.value) ? Json(r.value) : Json(nullptr);
    out.push_back(std::move(one));
  }
  return out;
}

Json FactsJson(const std::vector<Fact>& facts) {
  Json out = Json::array();
  for (const Fact& f : facts) {
    Json details = Json::array();
    for (const auto& [name, value] : f.details) details.push_back({name, value});
    out.push_back({{"name", f.name},
                   {"entity", f.entity},
                   {"labels", LabelsJson(f.labels)},
                   {"object", f.object},
                   {"severity", ToString(f.severity)},
                   {"summary", f.summary},
                   {"details", details},
                   {"since", FormatTime(f.since)}});
  }
  return out;
}

// Reads members without trusting their types.
std::string Text(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

const Json& List(const Json& object, const char* key) {
  static const Json kEmpty = Json::array();
  const auto it = object.find(key);
  return it != object.end() && it->is_array() ? *it : kEmpty;
}

Labels ParseLabels(const Json& object) {
  Labels out;
  if (const auto it = object.find("labels"); it != object.end() && it->is_object())
    for (const auto& [name, value] : it->items())
      if (value.is_string()) out.emplace_back(name, value.get<std::string>());
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<FeatureRef> Find(const std::vector<Scope>& scopes, const std::string& scope,
                               const std::string& feature) {
  for (std::uint32_t s = 0; s < scopes.size(); ++s)
    for (std::uint32_t f = 0; f < scopes[s].features.size(); ++f)
      if (scopes[s].name == scope && scopes[s].features[f].name == feature) return FeatureRef{s, f};
  return std::nullopt;
}

std::vector<Reading> ParseReadings(const Json& list, const std::vector<Scope>& scopes) {
  std::vector<Reading> out;
  for (const Json& one : list) {
    if (!one.is_object()) continue;
    const auto ref = Find(scopes, Text(one, "scope"), Text(one, "feature"));
    const auto value = one.find("value");
    if (!ref || value == one.end() || !value->is_number()) continue;
    out.push_back({*ref, ParseLabels(one), value->get<double>()});
  }
  return out;
}

Result<Fact> ParseFact(const Json& one) {
  if (!one.is_object()) return InvalidArgument("a fact is not an object");
  Fact fact{Text(one, "name"),
            Text(one, "entity"),
            ParseLabels(one),
            Text(one, "object"),
            ParseSeverity(Text(one, "severity")).value_or(Severity::kWarning),
            Text(one, "summary"),
            {},
            {}};
  AIOPS_TRY(fact.since, ParseTime(Text(one, "since")));
  for (const Json& pair : List(one, "details")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return InvalidArgument("\"details\" does not hold pairs of texts");
    fact.details.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return fact;
}

Result<Collected> ParseCollected(const Json& one, const std::vector<Scope>& scopes) {
  Collected out;
  out.readings = ParseReadings(List(one, "readings"), scopes);
  for (const Json& past : List(one, "past")) {
    if (!past.is_object()) return InvalidArgument("\"past\" does not hold objects");
    AIOPS_TRY(const Time end, ParseTime(Text(past, "end")));
    out.past.push_back({end, ParseReadings(List(past, "readings"), scopes)});
  }
  for (const Json& fact : List(one, "facts")) {
    AIOPS_TRY(Fact parsed, ParseFact(fact));
    out.facts.push_back(std::move(parsed));
  }
  out.partial = one.value("partial", Json(false)) == Json(true);
  return out;
}

Json AnswerJson(const Answer& answer, const std::vector<Scope>& scopes,
                const std::vector<std::string>& names) {
  Json out{{"collector", names.at(answer.collector)}};
  if (!answer.result) {
    out["error"] = answer.result.error().message;
    return out;
  }
  out["readings"] = ReadingsJson(answer.result->readings, scopes);
  for (const auto& past : answer.result->past)
    out["past"].push_back(
        {{"end", FormatTime(past.end)}, {"readings", ReadingsJson(past.readings, scopes)}});
  if (!answer.result->facts.empty()) out["facts"] = FactsJson(answer.result->facts);
  if (answer.result->partial) out["partial"] = true;
  return out;
}

}  // namespace

std::string ToJsonLine(const RecordedTick& recorded, const std::vector<Scope>& scopes,
                       const std::vector<std::string>& names) {
  Json out{{"begin", FormatTime(recorded.tick.begin)}, {"end", FormatTime(recorded.tick.end)}};
  out["answers"] = Json::array();
  for (const Answer& answer : recorded.answers)
    out["answers"].push_back(AnswerJson(answer, scopes, names));
  return Dump(out);
}

Result<RecordedTick> ParseRecordedTick(std::string_view line, const std::vector<Scope>& scopes,
                                       const std::vector<std::string>& names) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return InvalidArgument("not a JSON object");
  RecordedTick out;
  AIOPS_TRY(out.tick.begin, ParseTime(Text(json, "begin")));
  AIOPS_TRY(out.tick.end, ParseTime(Text(json, "end")));
  out.tick.deadline = out.tick.end;
  for (const Json& one : List(json, "answers")) {
    if (!one.is_object()) return InvalidArgument("\"answers\" does not hold objects");
    const auto name = std::find(names.begin(), names.end(), Text(one, "collector"));
    if (name == names.end()) continue;
    Answer answer{
        static_cast<size_t>(name - names.begin()), out.tick, Unavailable(Text(one, "error")), {}};
    if (!one.contains("error")) {
      AIOPS_TRY(Collected collected, ParseCollected(one, scopes));
      answer.result = std::move(collected);
    }
    out.answers.push_back(std::move(answer));
  }
  return out;
}

std::string ToJsonLine(const Judged& judged) {
  return Dump({{"time", FormatTime(judged.time)},
               {"scope", judged.key.scope},
               {"entity", judged.key.entity},
               {"verdict", ToString(judged.score.verdict)},
               {"gate", ToString(judged.score.gate)},
               {"score", SixDigits(judged.score.score)},
               {"level", SixDigits(judged.score.level)}});
}

std::string ToJsonLine(const Anomaly& a) {
  Json contributions = Json::object();
  for (const auto& c : a.contributions) contributions[c.feature] = SixDigits(c.share);
  return Dump({{"anomaly", a.id},
               {"entity", a.key.entity},
               {"scope", a.key.scope},
               {"kind", ToString(a.kind)},
               {"fact", a.fact},
               {"object", a.object},
               {"severity", ToString(a.severity)},
               {"state", ToString(a.state)},
               {"started_at", FormatTime(a.started_at)},
               {"ended_at", a.ended_at ? Json(FormatTime(*a.ended_at)) : Json(nullptr)},
               {"score", SixDigits(a.score)},
               {"shares", contributions},
               {"summary", a.summary}});
}

}  // namespace aiops
