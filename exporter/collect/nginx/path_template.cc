#include "collect/nginx/path_template.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace aiops {
namespace {

constexpr size_t kMaxWord = 24;
constexpr size_t kMixedWord = 8;
constexpr std::string_view kNoPath = "(no path)";
constexpr std::string_view kDeeper = "/**";

// What may stand in a segment, then what may not (kOther), then what ends one.
enum class Kind : std::uint8_t { kLetter, kDigit, kMark, kOther, kSlash, kEnd };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  kinds.fill(Kind::kOther);
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kLetter;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kLetter;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<unsigned char>(c)] = Kind::kDigit;
  for (const char c : {'-', '_', '.', '~', '*'}) kinds[static_cast<unsigned char>(c)] = Kind::kMark;
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

// Ends the word that began at `begin` of the text: a * takes its place if it says too much.
char* EndWord(char* begin, char* end, size_t digits) {
  const auto length = static_cast<size_t>(end - begin);
  const bool mixed = length >= kMixedWord && digits > 0;
  if (length == 0 || (digits < length && !mixed && length <= kMaxWord)) return end;
  *begin = '*';
  return begin + 1;
}

// Writes the template of the segment at the front of `path`, which goes up to the next slash, and
// removes the segment. `out` has room for the longest. The end of what was written.
char* WriteSegment(std::string_view& path, char* out) {
  const size_t most = std::min(path.size(), PathTemplate::kMaxSegment);
  char* word = out;
  char* end = out;
  size_t digits = 0;
  size_t at = 0;
  for (; at < most; ++at) {
    const Kind kind = KindOf(path[at]);
    if (kind > Kind::kMark) break;
    if (kind == Kind::kMark) {
      end = EndWord(word, end, digits);
      word = end + 1;
      digits = 0;
    }
    digits += kind == Kind::kDigit ? 1 : 0;
    *end++ = path[at];
  }
  end = EndWord(word, end, digits);
  const bool whole = at == path.size() || KindOf(path[at]) >= Kind::kSlash;
  if (!whole || IsUuid(path.substr(0, at))) {
    end = out;
    *end++ = '*';
    while (at < path.size() && KindOf(path[at]) < Kind::kSlash) ++at;
  }
  path.remove_prefix(at);
  return end;
}

}  // namespace

std::string_view PathTemplate::Of(std::string_view path) {
  if (path.empty() || path.front() != '/') return kNoPath;
  char* const begin = text_.data();
  char* end = begin;
  for (int depth = 1; !path.empty() && path.front() == '/'; ++depth) {
    path.remove_prefix(1);
    char* const slash = end;
    *end++ = '/';
    if (depth <= kMaxTemplateDepth) end = WriteSegment(path, end);
    const bool fits = static_cast<size_t>(end - begin) + kDeeper.size() <= kMaxTemplateBytes;
    if (depth > kMaxTemplateDepth || !fits) {
      end = std::copy(kDeeper.begin(), kDeeper.end(), slash);
      break;
    }
  }
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace aiops
