#include "text/sanitize.h"

#include <algorithm>

namespace aiops {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// Length of the well-formed sequence at the front of `text`, or 0.
size_t SequenceLength(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](size_t i, unsigned lo = 0x80, unsigned hi = 0xBF) {
    return i < text.size() && at(i) >= lo && at(i) <= hi;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned lo = lead == 0xE0 ? 0xA0 : 0x80, hi = lead == 0xED ? 0x9F : 0xBF;
    return tail(1, lo, hi) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned lo = lead == 0xF0 ? 0x90 : 0x80, hi = lead == 0xF4 ? 0x8F : 0xBF;
    return tail(1, lo, hi) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// C0, DEL and C1 (U+0080..U+009F): terminals act on them. U+2028..U+202E and U+2066..U+2069 end
// lines or turn the direction of the text behind them.
bool IsControl(std::string_view sequence) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return at(0) < 0x20 || at(0) == 0x7f;
  if (sequence.size() == 2) return at(0) == 0xC2 && at(1) < 0xA0;
  if (sequence.size() != 3 || at(0) != 0xE2) return false;
  return (at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE) ||
         (at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9);
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t n = SequenceLength(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string Sanitize(std::string_view text, size_t max_bytes) {
  // Nearly every text is like this.
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (plain && text.size() <= max_bytes) return std::string(text);
  std::string out;
  size_t fits_with_ellipsis = 0;  // where to cut if the text turns out too long
  while (!text.empty()) {
    const size_t n = SequenceLength(text);
    const std::string_view sequence = text.substr(0, n == 0 ? 1 : n);
    const std::string_view piece = n == 0 ? kReplacement : IsControl(sequence) ? " " : sequence;
    if (out.size() + piece.size() > max_bytes) {
      out.resize(fits_with_ellipsis);
      if (max_bytes >= kEllipsis.size()) out += kEllipsis;
      return out;
    }
    out += piece;
    if (out.size() + kEllipsis.size() <= max_bytes) fits_with_ellipsis = out.size();
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool IsLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || !letter(name[0])) return false;
  for (const char c : name)
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  return true;
}

std::string StripUrl(std::string_view url) {
  std::string out;
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    out = url.substr(0, scheme + 3);
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find_first_of("?#"));
  const auto path = url.find('/');
  const auto authority = url.substr(0, path);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  return Sanitize(out + std::string(url), 512);
}

}  // namespace aiops
