// Schemas: the shape of every JSON body of the API, for the OpenAPI document and for the tests that
// hold the answers against it. For .cc files of this room.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

namespace aiops {

// Longest texts of an acknowledgement, in characters.
inline constexpr size_t kMaxWhy = 500;
inline constexpr size_t kMaxBy = 100;
// How long a window or mute lasts.
inline constexpr char kDurationPattern[] = "^([0-9]{1,6}[smhd]|[0-9]{1,6}h[0-9]{1,6}m)$";

// components.schemas of an OpenAPI 3.1 document: JSON Schema 2020-12. Objects are closed: a member
// that is not described is a mistake.
nlohmann::ordered_json ComponentSchemas();

}  // namespace aiops
