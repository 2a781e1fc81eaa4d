#include "collect/nginx/json_cursor.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

namespace aiops {
namespace {

// The code unit of "\uXXXX" at the front of `text`.
std::optional<std::uint32_t> CodeUnit(std::string_view text) {
  std::uint32_t code = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  const auto end = std::from_chars(text.data() + 2, text.data() + 6, code, 16).ptr;
  if (end != text.data() + 6) return std::nullopt;
  return code;
}

void AppendUtf8(std::uint32_t code, std::string& out) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return push(code);
  if (code < 0x800) {
    push(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    push(0xE0 | (code >> 12));
    push(0x80 | ((code >> 6) & 0x3F));
  } else {
    push(0xF0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3F));
    push(0x80 | ((code >> 6) & 0x3F));
  }
  push(0x80 | (code & 0x3F));
}

// Appends what the escape at the front of `text` means; returns its size.
size_t AppendEscape(std::string_view text, std::string& out) {
  const auto first = CodeUnit(text);
  if (!first) {
    constexpr std::string_view kFrom = "nrtbf";
    constexpr std::string_view kTo = "\n\r\t\b\f";
    const size_t known = kFrom.find(text[1]);
    out.push_back(known == std::string_view::npos ? text[1] : kTo[known]);
    return 2;
  }
  const bool high = *first >= 0xD800 && *first < 0xDC00;
  const auto second = high ? CodeUnit(text.substr(6)) : std::nullopt;
  if (second && *second >= 0xDC00 && *second < 0xE000) {
    AppendUtf8(0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00), out);
    return 12;
  }
  AppendUtf8(*first >= 0xD800 && *first < 0xE000 ? 0xFFFD : *first, out);
  return 6;
}

}  // namespace

bool JsonCursor::Take(char c) {
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonCursor::AtEnd() {
  SkipSpace();
  return at_ == text_.size();
}

char JsonCursor::Peek() {
  SkipSpace();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonCursor::Raw(std::string_view& out, bool& escaped) {
  if (!Take('"')) return false;
  const size_t begin = at_;
  while (true) {
    const void* quote = std::memchr(text_.data() + at_, '"', text_.size() - at_);
    if (quote == nullptr) return false;
    const auto end = static_cast<size_t>(static_cast<const char*>(quote) - text_.data());
    size_t backslashes = 0;
    while (end - backslashes > begin && text_[end - backslashes - 1] == '\\') ++backslashes;
    at_ = end + 1;
    if (backslashes % 2 == 1) continue;
    out = text_.substr(begin, end - begin);
    escaped = std::memchr(out.data(), '\\', out.size()) != nullptr;
    return true;
  }
}

bool JsonCursor::String(std::string_view& out) {
  bool escaped = false;
  if (!Raw(out, escaped)) return false;
  if (escaped) out = Unescape(out);
  return true;
}

bool JsonCursor::Scalar(std::string_view& out) {
  const char first = Peek();
  if (first == '"') return String(out);
  if (first == '{' || first == '[') return false;
  const size_t begin = at_;
  at_ = std::min(text_.find_first_of(",}] \t", at_), text_.size());
  out = text_.substr(begin, at_ - begin);
  return !out.empty();
}

bool JsonCursor::Skip() {
  std::string_view ignored;
  bool escaped = false;
  const char first = Peek();
  if (first == '"') return Raw(ignored, escaped);
  if (first != '{' && first != '[') return Scalar(ignored);
  size_t depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      if (!Raw(ignored, escaped)) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

// Never longer than what it replaces, so that the scratch is not moved.
std::string_view JsonCursor::Unescape(std::string_view raw) {
  const size_t begin = scratch_.size();
  for (size_t i = 0; i < raw.size();) {
    if (raw[i] == '\\' && i + 1 < raw.size()) {
      i += AppendEscape(raw.substr(i), scratch_);
    } else {
      scratch_.push_back(raw[i++]);
    }
  }
  return std::string_view(scratch_).substr(begin);
}

}  // namespace aiops
