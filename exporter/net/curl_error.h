// What libcurl's codes mean, in our kinds and in plain words. Private to this room.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace aiops {

struct CurlFailure {
  int code = 0;              // CURLcode
  long os_error = 0;         // errno of the failed connect, 0 if unknown
  std::string_view details;  // libcurl's error buffer; used only where it cannot hold what we sent
  Duration timeout{};        // of the request, for the message
};

Error ErrorOfCurl(const CurlFailure& failure);

}  // namespace aiops
