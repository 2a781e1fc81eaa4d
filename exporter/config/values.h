// Text to typed value and back, with bounds: what the getters of Section share. No document in
// sight.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace aiops {

// A type of value: how it is read and written, and what it is called in "want ...".
template <class T>
struct ValueType;

template <>
struct ValueType<std::int64_t> {
  static constexpr std::string_view kName = "integer";
  static constexpr std::string_view kWant = "a whole number";
  static std::optional<std::int64_t> Parse(std::string_view text);
  static std::string Format(std::int64_t value);
};

template <>
struct ValueType<double> {
  static constexpr std::string_view kName = "number";
  static constexpr std::string_view kWant = "a number";
  static std::optional<double> Parse(std::string_view text);  // finite
  static std::string Format(double value);                    // the shortest that reads back
};

template <>
struct ValueType<Duration> {
  static constexpr std::string_view kName = "duration";
  static constexpr std::string_view kWant = "a duration";
  static std::optional<Duration> Parse(std::string_view text);
  static std::string Format(Duration value);
};

// "true" and "false" only.
std::optional<bool> ParseBool(std::string_view text);

// "a number from 0 to 1", "a duration of at least 8d", "a whole number".
std::string Want(std::string_view what, std::string_view min, std::string_view max);

// Whether value lies within the bounds, each of which may be empty. A bound that cannot be read is
// a broken invariant.
template <class T>
bool WithinBounds(T value, std::string_view min, std::string_view max) {
  const auto bound = [](std::string_view text) {
    const auto parsed = ValueType<T>::Parse(text);
    AIOPS_CHECK(parsed.has_value());
    return *parsed;
  };
  return (min.empty() || value >= bound(min)) && (max.empty() || value <= bound(max));
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// Comma separated; blanks around an item and empty items are dropped.
std::vector<std::string> SplitList(std::string_view text);

}  // namespace aiops
