// The engine's JSON, read without trust: a field of another type counts as absent, an entry without
// a usable id or name is skipped, text is sanitised and cut. Understands Docker's API and Podman's
// imitation of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/docker/container.h"

namespace aiops::docker {

struct ContainerList {
  std::vector<Container> containers;
  size_t malformed = 0;  // entries that were skipped
  size_t left_out = 0;   // entries beyond the limit
};

// Corruption if it is not a JSON array.
Result<ContainerList> ParseContainers(std::string_view json, size_t limit);

// Corruption if it is not a JSON object.
Result<Inspection> ParseInspection(std::string_view json);

// JSON objects, one a line; lines that are no container event of interest are skipped. In order of
// time.
std::vector<Event> ParseEvents(std::string_view lines);

// "ApiVersion" of GET /version, or "".
std::string ParseApiVersion(std::string_view json);

}  // namespace aiops::docker
