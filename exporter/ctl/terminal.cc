#include "ctl/terminal.h"

#include <algorithm>

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxCellBytes = 240;

// The character at the front of valid UTF-8, and its length in bytes.
struct Character {
  char32_t code;
  size_t bytes;
};

Character First(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = bytes == 1 ? lead : lead & (0xFFu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return {code, bytes};
}

bool Within(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

// Marks, embeddings, overrides and isolates of bidirectional text, and line separators.
bool Reorders(char32_t code) {
  return Within(code, 0x200E, 0x200F) || Within(code, 0x2028, 0x202E) ||
         Within(code, 0x2066, 0x2069) || code == 0x061C;
}

size_t Width(char32_t code) {
  if (Within(code, 0x0300, 0x036F) || Within(code, 0x200B, 0x200F) || Within(code, 0xFE00, 0xFE0F))
    return 0;
  const bool wide = Within(code, 0x1100, 0x115F) || Within(code, 0x2E80, 0xA4CF) ||
                    Within(code, 0xAC00, 0xD7A3) || Within(code, 0xF900, 0xFAFF) ||
                    Within(code, 0xFE30, 0xFE6F) || Within(code, 0xFF00, 0xFF60) ||
                    Within(code, 0xFFE0, 0xFFE6) || Within(code, 0x1F300, 0x1F64F) ||
                    Within(code, 0x1F900, 0x1F9FF) || Within(code, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

std::string Escaped(char32_t code) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 0xF];
  return out;
}

std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    const size_t width = DisplayWidth(cells[i]);
    if (i + 1 < cells.size()) line.append(widths[i] - width + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string TerminalText(std::string_view text, size_t max_bytes) {
  const std::string clean = Sanitize(text, max_bytes);
  std::string out;
  for (std::string_view rest = clean; !rest.empty();) {
    const Character c = First(rest);
    if (!Reorders(c.code)) out += rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
  }
  return out;
}

std::string TerminalJson(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const size_t lead = static_cast<unsigned char>(json[0]);
    if (lead < 0x7F) {
      out += json[0];
      json.remove_prefix(1);
      continue;
    }
    const Character c = First(json);
    const bool harmful = c.code == 0x7F || Within(c.code, 0x80, 0x9F) || Reorders(c.code);
    out += harmful ? Escaped(c.code) : std::string(json.substr(0, c.bytes));
    json.remove_prefix(c.bytes);
  }
  return out;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character c = First(text);
    width += Width(c.code);
    text.remove_prefix(std::min(c.bytes, text.size()));
  }
  return width;
}

std::string Render(const Table& table, std::string_view indent) {
  std::vector<std::vector<std::string>> lines{table.head};
  lines.insert(lines.end(), table.rows.begin(), table.rows.end());
  std::vector<size_t> widths(table.head.size());
  for (auto& cells : lines) {
    cells.resize(widths.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i] = TerminalText(cells[i], kMaxCellBytes);
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
    }
  }
  std::string out;
  for (const auto& cells : lines) out += std::string(indent) + Line(cells, widths) + "\n";
  return out;
}

std::string Span(Duration distance) {
  const Duration unit = distance < minutes(10) ? Duration(seconds(1))
                        : distance < hours(48) ? Duration(minutes(1))
                                               : Duration(hours(1));
  return FormatDuration(distance - distance % unit);
}

std::string Relative(Time t, Time now) {
  const bool past = t <= now;
  const Duration distance = past ? now - t : t - now;
  if (distance < seconds(1)) return "now";
  return past ? Span(distance) + " ago" : "in " + Span(distance);
}

std::string JoinOr(const std::vector<std::string>& parts, std::string_view otherwise) {
  if (parts.empty()) return std::string(otherwise);
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace aiops
