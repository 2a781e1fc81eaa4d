// How values are written for people on the page.
#pragma once

#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "text/sanitize.h"

namespace aiops {

// Valid, capped, and free of markup, in text and in quoted attributes.
inline std::string Html(std::string_view text, size_t max_bytes = 500) {
  std::string out;
  for (const char c : Sanitize(text, max_bytes)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Four significant digits, "–" where missing.
inline std::string HtmlNumber(double value) {
  if (!std::isfinite(value)) return "–";
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.4g", value);
  return buffer;
}

// "12s ago", "in 4m10s", "–".
inline std::string HtmlAge(std::optional<Time> time, Time now) {
  if (!time || *time == Time{}) return "–";
  const auto distance = std::chrono::duration_cast<seconds>(*time - now);
  if (distance.count() == 0) return "now";
  const std::string text = FormatDuration(std::chrono::abs(distance));
  return distance.count() > 0 ? "in " + text : text + " ago";
}

}  // namespace aiops
