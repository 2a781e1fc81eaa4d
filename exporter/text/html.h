// Text as it stands in HTML.
#pragma once

#include <string>
#include <string_view>

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

}  // namespace aiops
