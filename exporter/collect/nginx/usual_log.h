// Where Nginx logs unless it is told otherwise.
#pragma once

namespace aiops {

// Followed unless another is named.
inline constexpr const char* kUsualNginxLog = "/var/log/nginx/access.log";

}  // namespace aiops
