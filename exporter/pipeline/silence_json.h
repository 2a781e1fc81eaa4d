// A maintenance window or a mute as JSON: the answer to whoever begins or ends one, and the lists.
// For .cc files, which include <nlohmann/json.hpp> themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/silence.h"

namespace aiops {

// {"id", "kind", "scope", "entity", "starts_at", "ends_at", "by", "why"}; empty texts are null.
nlohmann::ordered_json SilenceJson(const Silence& silence);

}  // namespace aiops
