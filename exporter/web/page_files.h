// The page at /: the files of web/page, embedded by CMake (cmake/Embed.cmake).
#pragma once

#include <string_view>

namespace aiops {

extern const std::string_view kPageHtml, kPageCss, kPageJs;

}  // namespace aiops
