// What is remembered of a training as JSON: the lists, and the answer to whoever goes back. For .cc
// files, which include <nlohmann/json.hpp> themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/model_record.h"

namespace aiops {

// {"id", "entity", "scope", "state", "reason", "trained_at", "used_from", "why", "rows", "from",
// "to", "excluded": {<reason>: samples}, "trial": {"rows", "alerts", "alerts_in_use", "passed"},
// "bytes", "schema"}; what is not known is null.
nlohmann::ordered_json ModelJson(const ModelRecord& record);

}  // namespace aiops
