// Small packed binary forms of what one column holds: feature vectors and their names, labels,
// contributions.
//
// Lossless: a vector reads back bit for bit (every NaN as kMissing), because a restart replays
// stored samples and must reach the same state. Reading is safe on any bytes: what does not decode
// is a Corruption error, never a crash or a large allocation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/anomaly.h"
#include "model/entity.h"

namespace aiops {

// A count, then two bits for each value (missing, zero, float32 without loss, float64), then the
// numbers that are left, little-endian. Eleven typical features take 4 + 11 x 8 bytes at most.
std::string PackValues(const std::vector<double>& values);
Result<std::vector<double>> UnpackValues(std::string_view bytes);

// A count, then length-prefixed strings.
std::string PackNames(const std::vector<std::string>& names);
Result<std::vector<std::string>> UnpackNames(std::string_view bytes);
std::string PackLabels(const Labels& labels);
Result<Labels> UnpackLabels(std::string_view bytes);

// A format number, a count, then for each: feature, unit, five numbers and the gate.
std::string PackContributions(const std::vector<Contribution>& contributions);
Result<std::vector<Contribution>> UnpackContributions(std::string_view bytes);

}  // namespace aiops
