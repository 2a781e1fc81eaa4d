// A JSON Schema validator for what web/schemas.cc writes, and nothing more.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/time.h"

namespace aiops {

class SchemaCheck {
 public:
  // `document`: an OpenAPI document, whose components are referred to.
  explicit SchemaCheck(nlohmann::ordered_json document) : document_(std::move(document)) {}
  using Json = nlohmann::ordered_json;

  // What is wrong with the value, with its place; empty if it is as `name` says.
  std::string Check(const std::string& name, const Json& value) const {
    return Check(Resolve("#/components/schemas/" + name), value, name);
  }
  const Json& Resolve(const std::string& reference) const {
    return document_.at(Json::json_pointer(reference.substr(1)));
  }

 private:
  static bool HasType(const Json& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return type == "null" && value.is_null();
  }
  static bool HasOneOf(const Json& value, const Json& types) {
    if (types.is_string()) return HasType(value, types);
    for (const auto& type : types)
      if (HasType(value, type)) return true;
    return false;
  }

  std::string Check(const Json& schema, const Json& value, const std::string& at) const {
    if (schema.contains("$ref")) return Check(Resolve(schema["$ref"]), value, at);
    if (schema.contains("anyOf")) {
      for (const auto& option : schema["anyOf"])
        if (Check(option, value, at).empty()) return "";
      return at + ": fits nothing of anyOf";
    }
    if (schema.contains("type") && !HasOneOf(value, schema["type"]))
      return at + ": is no " + schema["type"].dump() + ": " + value.dump();
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return at + ": not of the enumeration: " + value.dump();
    if (schema.contains("format") && value.is_string() && !ParseTime(value.get<std::string>()))
      return at + ": no time: " + value.dump();
    if (value.is_array()) return CheckItems(schema, value, at);
    return value.is_object() ? CheckMembers(schema, value, at) : "";
  }
  std::string CheckItems(const Json& schema, const Json& value, const std::string& at) const {
    for (const auto& item : value) {
      if (!schema.contains("items")) return "";
      if (auto wrong = Check(schema["items"], item, at + "[]"); !wrong.empty()) return wrong;
    }
    return "";
  }
  std::string CheckMembers(const Json& schema, const Json& value, const std::string& at) const {
    for (const auto& name : schema.value("required", Json::array()))
      if (!value.contains(name)) return at + ": lacks " + name.get<std::string>();
    for (const auto& [name, member] : value.items()) {
      const std::string place = at + "." + name;
      const Json properties = schema.value("properties", Json::object());
      std::string wrong;
      if (properties.contains(name))
        wrong = Check(properties[name], member, place);
      else if (schema.value("additionalProperties", Json()).is_object())
        wrong = Check(schema["additionalProperties"], member, place);
      else if (schema.value("additionalProperties", Json()) == false)
        wrong = place + ": is not described";
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  Json document_;
};

}  // namespace aiops
