// The keys by which a section says where the container engine is.
#pragma once

#include <optional>
#include <string_view>

#include "config/section.h"
#include "net/http_client.h"

namespace aiops::docker {

// Declares and reads `socket` (`fallback`: its default) and `tls`. Nullopt if there is no address,
// or none that can be: that is reported.
std::optional<HttpEndpoint> ReadEndpoint(const Section& section, std::string_view fallback);

}  // namespace aiops::docker
