#include "text/human_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace aiops {
namespace {

constexpr int kDigits = 3;
constexpr double kHuge = 1e15;  // from here on zeros are harder to read than an exponent
// Of less nobody wants to know how little.
constexpr double kTiny = 1e-4;
constexpr double kLeastScore = 5e-3;
constexpr double kLeastBytes = 5e-3;

std::string Digits(double value) {
  std::array<char, 64> text{};
  const auto magnitude = std::abs(value);
  const auto end = text.data() + text.size();
  if (magnitude != 0 && magnitude < kTiny) return value < 0 ? ">-0.0001" : "<0.0001";
  if (magnitude >= kHuge) {
    const auto [stop, error] =
        std::to_chars(text.data(), end, value, std::chars_format::general, kDigits);
    return {text.data(), stop};
  }
  const int before = magnitude < 1 ? 0 : static_cast<int>(std::floor(std::log10(magnitude))) + 1;
  const int leading_zeros = magnitude == 0 || magnitude >= 0.1
                                ? 0
                                : static_cast<int>(-std::floor(std::log10(magnitude))) - 1;
  const int decimals = std::max(0, kDigits - before) + leading_zeros;
  const auto [stop, error] =
      std::to_chars(text.data(), end, value, std::chars_format::fixed, decimals);
  std::string out(text.data(), stop);
  if (out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

std::string Bytes(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 6> kPrefixes{"", "k", "M", "G", "T", "P"};
  if (std::abs(value) < kLeastBytes) value = 0;
  size_t i = 0;
  // 999.5 would be printed as "1000".
  while (std::abs(value) >= 999.5 && i + 1 < kPrefixes.size()) {
    value /= 1000;
    ++i;
  }
  const std::string rest(unit.starts_with("bytes") ? unit.substr(5) : unit.substr(1));
  return Digits(value) + " " + std::string(kPrefixes[i]) + "B" + rest;
}

}  // namespace

std::string HumanNumber(double value, std::string_view unit) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  if (unit == "B" || unit == "B/s" || unit == "bytes" || unit == "bytes/s")
    return Bytes(value, unit);
  auto out = Digits(value);
  if (!unit.empty()) out.append(" ").append(unit);
  return out;
}

std::string ScoreText(double score) {
  if (score > 0 && score < kLeastScore) return "<0.01";
  return HumanNumber(std::abs(score) < kHuge ? std::round(score * 100) / 100 : score, "");
}

std::string CountText(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

}  // namespace aiops
