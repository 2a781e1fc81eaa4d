#include "web/schemas.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/model_record.h"
#include "model/verdict.h"
#include "pipeline/why.h"
#include "web/json_values.h"
#include "web/params.h"
#include "web/schema_table.h"

namespace aiops {
namespace {

// All names of an enumeration of the model, from its first value to its last.
template <class Enum>
Json Names(Enum last, int first = 0) {
  Json names = Json::array();
  for (int i = first; i <= static_cast<int>(last); ++i)
    names.push_back(ToString(static_cast<Enum>(i)));
  return names;
}

// Null for a type that is none.
Json EnumerationOf(std::string_view type) {
  if (type == "verdict") return Names(Verdict::kCritical);
  if (type == "severity") return Names(Severity::kCritical);
  if (type == "gate") return Names(static_cast<Gate>(kGateCount - 1), 1);
  if (type == "kind") return Names(AnomalyKind::kFact);
  if (type == "state") return Names(AnomalyState::kClosed);
  if (type == "direction") return Names(Direction::kBoth);
  if (type == "model_state") return Names(ModelState::kFailed);
  if (type == "knowledge") return Names(Knowledge::kNotYet);
  return nullptr;
}

Json SchemaOf(std::string_view type);

Json Nullable(Json schema) {
  if (schema.contains("$ref")) return {{"anyOf", Json::array({schema, {{"type", "null"}}})}};
  schema["type"] = Json::array({schema["type"], "null"});
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
  return schema;
}

Json SchemaOf(std::string_view type) {
  if (type.ends_with('?')) return Nullable(SchemaOf(type.substr(0, type.size() - 1)));
  if (type == "any") return Json::object();
  if (type == "text") return {{"type", "string"}};
  if (type == "time") return {{"type", "string"}, {"format", "date-time"}};
  if (type == "integer" || type == "number" || type == "boolean") return {{"type", type}};
  const std::string_view inner = type.substr(1, type.size() - 2);
  if (type.front() == '[') return {{"type", "array"}, {"items", SchemaOf(inner)}};
  if (type.front() == '{') return {{"type", "object"}, {"additionalProperties", SchemaOf(inner)}};
  if (Json names = EnumerationOf(type); !names.is_null())
    return {{"type", "string"}, {"enum", std::move(names)}};
  return {{"$ref", "#/components/schemas/" + std::string(type)}};
}

Json MemberSchema(const SchemaMember& member) {
  Json schema = SchemaOf(member.type);
  if (!member.help.empty()) schema["description"] = member.help;
  return schema;
}

Json ObjectSchema(const SchemaObject& object) {
  Json required = Json::array(), properties = Json::object();
  for (const SchemaMember& member : object.members) {
    const bool optional = member.name.ends_with('?');
    const std::string name(member.name.substr(0, member.name.size() - (optional ? 1 : 0)));
    if (!optional) required.push_back(name);
    properties[name] = MemberSchema(member);
  }
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

Json TextSchema(size_t most, const char* help) {
  return {{"type", "string"}, {"maxLength", most}, {"description", help}};
}

// A body that comes in; all of it is optional.
Json BodySchema(const Json& members = Json::object()) {
  Json properties = members;
  properties["why"] = TextSchema(kMaxWhy, "What is done about it.");
  properties["comment"] = TextSchema(kMaxWhy, "Another name for why.");
  properties["by"] = TextSchema(kMaxBy, "Who; an authenticated user's own name wins.");
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json TimeSchema(const char* help) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", help}};
}

Json SilenceSchema(bool window) {
  Json members{{"duration",
                {{"type", "string"},
                 {"pattern", kDurationPattern},
                 {"description", "Such as 2h; an hour without it and ends_at."}}},
               {"ends_at", TimeSchema("Instead of a duration.")},
               {"entity", TextSchema(kMaxTextParam, "Exactly this entity; all without it.")},
               {"scope", TextSchema(kMaxTextParam, "Exactly this scope; all without it.")}};
  if (window) members["starts_at"] = TimeSchema("Up to 31 days ago; now without it.");
  return BodySchema(members);
}

Json RollBackSchema() {
  return BodySchema({{"entity", TextSchema(kMaxTextParam, "Not needed where there is only one.")},
                     {"scope", TextSchema(kMaxTextParam, "Not needed where it has only one.")}});
}

}  // namespace

Json ComponentSchemas() {
  Json out;
  for (const SchemaObject& object : SchemaObjects())
    out[std::string(object.name)] = ObjectSchema(object);
  out["Acknowledge"] = BodySchema();
  out["RollBack"] = RollBackSchema();
  out["Window"] = SilenceSchema(true);
  out["Mute"] = SilenceSchema(false);
  return out;
}

}  // namespace aiops
