// How text from outside becomes safe to keep and to show.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

inline constexpr size_t kMaxLabelBytes = 256;

// Valid UTF-8 without control characters (those that turn the direction of text included), at most
// max_bytes, cut on a character boundary (then ending in "…"). Bad bytes become U+FFFD, control
// characters a space.
std::string Sanitize(std::string_view text, size_t max_bytes = kMaxLabelBytes);

// Whether every byte belongs to a well-formed UTF-8 sequence (no surrogates, no overlong forms).
bool IsValidUtf8(std::string_view text);

// [a-zA-Z_][a-zA-Z0-9_]*: what every Prometheus and Alertmanager accepts.
bool IsLabelName(std::string_view name);

// "http://user:pass@host/path?token=x" -> "http://host/path": what may be logged of a URL.
std::string StripUrl(std::string_view url);

}  // namespace aiops
