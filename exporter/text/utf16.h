// Lengths as Telegram counts them: in UTF-16 code units, of which a character outside the Basic
// Multilingual Plane (most emoji) takes two.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

// Of valid UTF-8.
size_t Utf16Length(std::string_view utf8);

// At most `units`, cut on a character boundary, then ending in "…".
std::string CutToUtf16(std::string_view utf8, size_t units);

}  // namespace aiops
