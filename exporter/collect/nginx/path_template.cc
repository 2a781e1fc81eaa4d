#include "collect/nginx/path_template.h"

#include <array>
#include <cstdint>

namespace aiops {
namespace {

constexpr size_t kMaxSegment = 40;
constexpr size_t kMaxWord = 24;
constexpr size_t kMixedWord = 8;
constexpr std::string_view kNoPath = "(no path)";
constexpr std::string_view kDeeper = "/**";

enum class Kind : std::uint8_t { kOther, kLetter, kDigit, kMark, kSlash, kEnd };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kLetter;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kLetter;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kDigit;
  for (const char c : {'-', '_', '.', '~'}) kinds[static_cast<unsigned char>(c)] = Kind::kMark;
  kinds['/'] = Kind::kSlash;
  kinds['?'] = Kind::kEnd;
  kinds['#'] = Kind::kEnd;
  return kinds;
}();

Kind KindOf(char c) { return kKinds[static_cast<unsigned char>(c)]; }

bool IsHex(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

bool IsUuid(std::string_view segment) {
  if (segment.size() != 36) return false;
  for (size_t i = 0; i < segment.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? segment[i] != '-' : !IsHex(segment[i])) return false;
  }
  return true;
}

// Appends the template of a segment of letters, digits and marks.
void AppendWords(std::string_view segment, std::string& out) {
  for (size_t at = 0; at < segment.size();) {
    if (KindOf(segment[at]) == Kind::kMark) {
      out.push_back(segment[at++]);
      continue;
    }
    size_t digits = 0;
    size_t end = at;
    for (; end < segment.size() && KindOf(segment[end]) != Kind::kMark; ++end) {
      digits += KindOf(segment[end]) == Kind::kDigit ? 1 : 0;
    }
    const size_t length = end - at;
    const bool mixed = length >= kMixedWord && digits > 0;
    if (digits == length || mixed || length > kMaxWord) {
      out.push_back('*');
    } else {
      out.append(segment, at, length);
    }
    at = end;
  }
}

}  // namespace

std::string_view PathTemplate::Of(std::string_view path) {
  if (path.empty() || path.front() != '/') return kNoPath;
  out_.clear();
  int depth = 0;
  for (size_t at = 0; at < path.size() && KindOf(path[at]) == Kind::kSlash;) {
    size_t end = at + 1;
    bool plain = true;
    for (; end < path.size(); ++end) {
      const Kind kind = KindOf(path[end]);
      if (kind == Kind::kSlash || kind == Kind::kEnd) break;
      plain = plain && kind != Kind::kOther;
    }
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    const bool whole = plain && segment.size() <= kMaxSegment && !IsUuid(segment);
    const size_t room = kMaxTemplateBytes - kDeeper.size();
    if (++depth > kMaxTemplateDepth || out_.size() + 1 + (whole ? segment.size() : 1) > room) {
      out_ += kDeeper;
      break;
    }
    out_.push_back('/');
    if (whole) {
      AppendWords(segment, out_);
    } else {
      out_.push_back('*');
    }
    at = end;
  }
  return out_;
}

}  // namespace aiops
