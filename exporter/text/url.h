// What a URL that a person wrote into a configuration must look like, before anything is sent
// there, and how it is kept.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

// http:// or https://, a host ([::1] for IPv6), a port from 1 to 65535 if there is one, and a path
// if there is one: visible ASCII without quotes, and no query or fragment.
bool IsHttpUrl(std::string_view text);

// What a path can be put behind: without the slashes at its end.
std::string WithoutTrailingSlashes(std::string url);

}  // namespace aiops
