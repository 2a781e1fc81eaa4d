// Base64 (RFC 4648, without padding), for what goes into a checkpoint, and to know a header again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aiops {

std::string ToBase64(std::string_view bytes);
// Nullopt for what ToBase64 would not have written.
std::optional<std::string> FromBase64(std::string_view text);

// One digit: a number below 64 and its character. -1 for a character that is none.
char ToBase64Digit(unsigned value);
int FromBase64Digit(char digit);

}  // namespace aiops
