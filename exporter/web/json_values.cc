#include "web/json_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

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

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aiops
