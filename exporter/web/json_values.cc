#include "web/json_values.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace aiops {

Json NumberJson(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json TimeJson(Time time) { return time == Time{} ? Json(nullptr) : Json(FormatTime(time)); }

Json TimeJson(const std::optional<Time>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}

Json TextJson(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aiops
