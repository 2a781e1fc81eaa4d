// Recording: what the collectors returned, one JSON line a tick, to be played again through the
// same engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/feature.h"
#include "pipeline/assembler.h"
#include "pipeline/engine.h"

namespace aiops {

struct RecordedTick {
  Tick tick;
  std::vector<Answer> answers;
};

// Features are written by name, so that a recording outlives a reordered configuration. `names` are
// the collectors' by index. No line break inside.
std::string ToJsonLine(const RecordedTick& recorded, const std::vector<Scope>& scopes,
                       const std::vector<std::string>& names);

// Readings of features that `scopes` does not have are left out; so are answers of unknown
// collectors. A broken line is InvalidArgument and says what is wrong.
Result<RecordedTick> ParseRecordedTick(std::string_view line, const std::vector<Scope>& scopes,
                                       const std::vector<std::string>& names);

// What a replay says: {"time","entity","scope","verdict","gate","score"} for a judged sample, and
// {"time","anomaly","state","kind","severity","summary",...} for a changed anomaly. Scores have six
// significant digits, so that recordings compare equal between machines.
std::string ToJsonLine(const Judged& judged);
std::string ToJsonLine(const Anomaly& anomaly);

}  // namespace aiops
