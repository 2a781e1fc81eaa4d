// The query parameters of a request.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "web/http.h"

namespace aiops {

// Nullopt where absent.
inline std::optional<std::string> TextOf(const WebRequest& request, const std::string& name) {
  const auto found = request.params.find(name);
  return found == request.params.end() ? std::nullopt : std::optional(found->second);
}

// Nullopt where absent or not a whole number.
inline std::optional<std::int64_t> IntegerOf(const WebRequest& request, const std::string& name) {
  const std::string text = TextOf(request, name).value_or("");
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace aiops
