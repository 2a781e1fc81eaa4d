// What a source found beside a fact, as the evidence of its anomaly.
#pragma once

#include <string>

#include "model/fact.h"

namespace aiops {

// [{"id": "E1", "time": RFC 3339, "text": "exit_code: 137"}, ...]; empty if the fact has no
// details. Valid UTF-8.
std::string EvidenceJson(const Fact& fact);

}  // namespace aiops
