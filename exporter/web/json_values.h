// How our values are written in JSON: NaN as null, times in RFC 3339 or null. For .cc files of this
// room.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace aiops {

// Keeps the order in which members are set: people read these answers.
using Json = nlohmann::ordered_json;

inline Json NumberJson(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
inline Json TimeJson(Time time) { return time == Time{} ? Json(nullptr) : Json(FormatTime(time)); }
inline Json TimeJson(const std::optional<Time>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}
inline Json TextJson(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// Two spaces of indent, a newline at the end; invalid UTF-8 is replaced instead of thrown at.
inline std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aiops
