// Times as people write them on a command line.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace aiops {

// "now", how long ago ("2h", "7d"), RFC 3339, or seconds since 1970. The error names `flag` and
// says what is wanted.
Result<Time> ParseMoment(std::string_view text, Time now, std::string_view flag);

}  // namespace aiops
