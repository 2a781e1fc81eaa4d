// An answer as bytes of HTTP/1.1, with the headers that every answer of ours has.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "web/http.h"

namespace aiops {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// `common`: further headers on every answer. Without its body for HEAD: the length stays.
std::string RenderAnswer(const WebResponse& response, const HeaderList& common, bool with_body);

}  // namespace aiops
