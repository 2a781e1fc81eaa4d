// How our values are written in JSON: NaN as null, times in RFC 3339 or null. For .cc files of this
// room, which include <nlohmann/json.hpp> themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace aiops {

// Keeps the order in which members are set: people read these answers.
using Json = nlohmann::ordered_json;

Json NumberJson(double value);
// Four significant digits: what a curve needs.
Json RoughJson(double value);
Json TimeJson(Time time);
Json TimeJson(const std::optional<Time>& time);
// Empty text is null.
Json TextJson(const std::string& text);

// Two spaces of indent (-1: all in one line), a newline at the end; invalid UTF-8 is replaced
// instead of thrown at.
std::string Dump(const Json& json, int indent = 2);

}  // namespace aiops
