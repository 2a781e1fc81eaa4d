// PathTemplate: what the paths of a site have in common, without what tells its visitors apart.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace aiops {

inline constexpr size_t kMaxTemplateBytes = 96;
inline constexpr int kMaxTemplateDepth = 6;

// "/shop/item/4711.html?ref=home" -> "/shop/item/*.html". A word is a run of letters and digits. A
// word becomes * if it is a number, or of eight or more letters and digits mixed, or longer than
// 24. A segment becomes * as a whole if it is a UUID, longer than 40 bytes, or has bytes other than
// letters, digits and -_.~* (encoded text, addresses, matrix parameters). Behind the sixth segment
// or 96 bytes comes "/**". The query and the fragment never come in. A target that is no path
// ("*", "host:443") is "(no path)". The template of a template is itself. The result is ASCII; it
// is valid until the next call.
class PathTemplate {
 public:
  static constexpr size_t kMaxSegment = 40;

  std::string_view Of(std::string_view path);

 private:
  // A segment is written before it is known whether it fits.
  std::array<char, kMaxTemplateBytes + 1 + kMaxSegment> text_;
};

}  // namespace aiops
