// The body of the answer to POST /run.
#pragma once

#include <string>

#include "pipeline/engine.h"

namespace aiops {

// {"verdict": worst, "judged": [{entity, scope, time, verdict, gate, score}, ...]}
std::string RunJson(const RoundReport& report);

}  // namespace aiops
