#include "ctl/json_text.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "ctl/terminal.h"
#include "model/band.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr int kMaxDepth = 40;

double NumberIn(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  return value.is_number() ? value.get<double>() : kMissing;
}

std::string UnitOf(const Json& feature) {
  const Json& unit = Member(feature, "unit");
  return unit.is_string() ? TerminalText(unit.get_ref<const std::string&>(), 40) : "";
}

std::string NumberText(double value) {
  if (!std::isfinite(value)) return "-";
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

bool IsListOfObjects(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object();
}

Table TableOf(const Json& list) {
  Table table;
  for (const auto& [key, ignored] : list.front().items()) table.head.push_back(key);
  for (const auto& item : list) {
    std::vector<std::string> row;
    for (const auto& key : table.head) row.push_back(TextOf(item, key.c_str()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::optional<Json> ParseJson(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (json.is_discarded() || too_deep) return std::nullopt;
  return json;
}

const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string TextOf(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return TerminalText(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return NumberText(value.get<double>());
  return TerminalText(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string ValueText(const Json& feature) {
  const double value = NumberIn(feature, "value");
  return IsMissing(value) ? "-" : HumanNumber(value, UnitOf(feature));
}

std::string ScoreText(const Json& object, const char* key) {
  const double score = NumberIn(object, key);
  return IsMissing(score) ? "-" : ScoreText(score);
}

std::string PercentText(const Json& object, const char* key) {
  const double share = NumberIn(object, key);
  return IsMissing(share) ? "-" : std::to_string(std::lround(100 * share)) + " %";
}

std::string BandText(const Json& feature) {
  const std::string band =
      BandText(NumberIn(feature, "lower"), NumberIn(feature, "upper"), UnitOf(feature));
  return band.empty() ? "-" : band;
}

std::optional<Time> TimeIn(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  const auto time = ParseTime(value.is_string() ? value.get_ref<const std::string&>() : "");
  return time ? std::optional(*time) : std::nullopt;
}

std::string MomentText(const Json& object, const char* key) {
  const auto time = TimeIn(object, key);
  return time ? FormatTime(FloorTo(*time, seconds(1))) : TextOf(object, key);
}

std::string AgoOf(const Json& object, const char* key, Time now) {
  const auto time = TimeIn(object, key);
  if (time) return Relative(*time, now);
  const Json& value = Member(object, key);
  return value.is_string() ? TextOf(value) : "-";
}

bool IsTrue(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::string PrintJson(const Json& json) {
  return TerminalJson(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string PrintForPeople(const Json& json, const std::string& indent) {
  if (IsListOfObjects(json)) return Render(TableOf(json), indent);
  if (!json.is_object()) return indent + TextOf(json) + "\n";
  std::string out;
  for (const auto& [key, value] : json.items()) {
    const std::string name = indent + TerminalText(key, 100) + ":";
    const bool nested = IsListOfObjects(value) || (value.is_object() && !value.empty());
    out += nested ? name + "\n" + PrintForPeople(value, indent + "  ")
                  : name + " " + TextOf(value) + "\n";
  }
  return out;
}

}  // namespace aiops
