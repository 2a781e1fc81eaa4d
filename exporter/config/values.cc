#include "config/values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace aiops {
namespace {

template <class T>
std::optional<T> FromChars(std::string_view text) {
  T value{};
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<std::int64_t> ValueType<std::int64_t>::Parse(std::string_view text) {
  return FromChars<std::int64_t>(text);
}

std::string ValueType<std::int64_t>::Format(std::int64_t value) { return std::to_string(value); }

std::optional<double> ValueType<double>::Parse(std::string_view text) {
  const auto value = FromChars<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string ValueType<double>::Format(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::optional<Duration> ValueType<Duration>::Parse(std::string_view text) {
  const auto value = ParseDuration(text);
  return value ? std::optional(*value) : std::nullopt;
}

std::string ValueType<Duration>::Format(Duration value) { return FormatDuration(value); }

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::string Want(std::string_view what, std::string_view min, std::string_view max) {
  std::string want(what);
  if (!min.empty() && !max.empty()) {
    want.append(" from ").append(min).append(" to ").append(max);
  } else if (!min.empty()) {
    want.append(" of at least ").append(min);
  } else if (!max.empty()) {
    want.append(" of at most ").append(max);
  } else if (what == ValueType<Duration>::kWant) {
    want.append(" like 30s, 5m or 1h30m");
  }
  return want;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const auto& part : parts) {
    if (&part != &parts.front()) joined += separator;
    joined += part;
  }
  return joined;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto item = Trim(text.substr(0, comma)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return items;
}

}  // namespace aiops
