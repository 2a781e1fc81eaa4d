#include "text/utf16.h"

namespace aiops {
namespace {

constexpr bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
constexpr size_t UnitsOf(char first) { return static_cast<unsigned char>(first) >= 0xf0 ? 2 : 1; }

}  // namespace

size_t Utf16Length(std::string_view utf8) {
  size_t units = 0;
  for (const char c : utf8) units += Continues(c) ? 0 : UnitsOf(c);
  return units;
}

std::string CutToUtf16(std::string_view utf8, size_t units) {
  if (Utf16Length(utf8) <= units) return std::string(utf8);
  if (units == 0) return "";
  size_t used = 1;  // for the ellipsis
  size_t end = 0;
  while (end < utf8.size()) {
    used += UnitsOf(utf8[end]);
    if (used > units) break;
    do ++end;
    while (end < utf8.size() && Continues(utf8[end]));
  }
  return std::string(utf8.substr(0, end)) + "…";
}

}  // namespace aiops
