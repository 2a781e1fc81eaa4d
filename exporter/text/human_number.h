// Numbers as people read them, in messages and summaries. Never for metrics or the API.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

// Three significant digits, then the unit: "93.2 %", "0.25", "1230 requests/s". Bytes ("B", "B/s",
// "bytes", "bytes/s") get a decimal prefix: "1.2 MB/s". NaN is "unknown", an infinity "infinite".
// The locale plays no part.
std::string HumanNumber(double value, std::string_view unit);

}  // namespace aiops
