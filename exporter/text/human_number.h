// Numbers as people read them, in messages and summaries. Never for metrics or the API.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aiops {

// Three significant digits, then the unit: "93.2 %", "0.25", "1230 requests/s". Bytes ("B", "B/s",
// "bytes", "bytes/s") get a decimal prefix: "1.2 MB/s". NaN is "unknown", an infinity "infinite".
// What is next to nothing is "<0.0001" or ">-0.0001". The locale plays no part.
std::string HumanNumber(double value, std::string_view unit);

// Scores and levels, whose threshold is 1: at most two digits behind the point, "<0.01", "unknown".
std::string ScoreText(double score);

// "1 sample", "5 samples".
std::string CountText(std::size_t n, std::string_view noun);

}  // namespace aiops
