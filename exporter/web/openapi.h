// OpenApi: the description of the API, printed from the routes themselves.
#pragma once

#include <string>
#include <vector>

#include "web/router.h"

namespace aiops {

// An OpenAPI 3.1.0 document. Every GET is described as HEAD too; what every route may answer (400,
// 401, 403, 413, 415, 429) is added to what the route says of itself.
std::string OpenApiJson(const std::vector<Route>& routes, const std::string& version);

}  // namespace aiops
