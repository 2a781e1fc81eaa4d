#include "web/json_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "text/sanitize.h"

namespace aiops {

Json NumberJson(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json RoughJson(double value) {
  constexpr int kDigits = 4;
  std::array<char, 32> text{};
  const auto end = text.data() + text.size();
  const auto [stop, failed] =
      std::to_chars(text.data(), end, value, std::chars_format::scientific, kDigits - 1);
  double rough = value;
  if (failed == std::errc()) std::from_chars(text.data(), stop, rough);
  return NumberJson(rough);
}

Json TimeJson(Time time) { return time == Time{} ? Json(nullptr) : Json(FormatTime(time)); }

Json TimeJson(const std::optional<Time>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}

Json TextJson(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Result<Json> ParseStrictJson(std::string_view text, int max_depth) {
  std::string wrong;
  std::vector<std::set<std::string>> names;  // of the objects that are open
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > max_depth) wrong = "it is nested deeper than " + std::to_string(max_depth);
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second)
      wrong = "'" + Sanitize(value.get<std::string>(), 64) + "' occurs twice in it";
    return wrong.empty();
  };
  Json json = Json::parse(text, watch, false);
  if (!wrong.empty()) return InvalidArgument(wrong);
  if (json.is_discarded()) return InvalidArgument("it is not JSON");
  return json;
}

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aiops
