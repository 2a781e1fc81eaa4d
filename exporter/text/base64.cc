#include "text/base64.h"

#include <array>
#include <cstdint>

namespace aiops {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

}  // namespace

char ToBase64Digit(unsigned value) { return kAlphabet[value & 63]; }

int FromBase64Digit(char digit) { return kValues[static_cast<unsigned char>(digit)]; }

std::string ToBase64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : bytes) {
    word = (word << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(ToBase64Digit(word >> (bits - 6)));
  }
  if (bits > 0) out.push_back(ToBase64Digit(word << (6 - bits)));
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = FromBase64Digit(c);
    if (value < 0) return std::nullopt;
    word = (word << 6) | static_cast<std::uint32_t>(value);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>((word >> bits) & 255));
  }
  if (bits == 6 || (word & ((1u << bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace aiops
