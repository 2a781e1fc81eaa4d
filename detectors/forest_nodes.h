// What growing, checking and walking a tree share. Internal to the forest.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "base/result.h"
#include "detectors/isolation_forest.h"

namespace aiops {

inline constexpr size_t kDeepest = 16;      // ceil(log2(kMostSamples)) and one to spare
inline constexpr double kLongestPath = 60;  // depth + c(kMostSamples) is below it
inline constexpr double kExpectedUnit = 1.0 / 1024;
inline constexpr double kShareUnit = 1.0 / 65535;

// As the trees see a value: missing is NaN, the rest is clamped to the range of float.
inline float ForestValue(double v) {
  constexpr double kMost = std::numeric_limits<float>::max();
  if (!std::isfinite(v)) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(v > kMost ? kMost : v < -kMost ? -kMost : v);
}

// A leaf whose rows have this path length, in levels: 0 to 60.
ForestNode LeafNode(double path);

// Checks that `tree` is one tree in preorder, no deeper than kDeepest, with features below `width`
// and finite thresholds, and fills `expected` of its inner nodes. Corruption otherwise. Bounded
// work and stack.
Result<void> SealTree(std::span<ForestNode> tree, size_t width);

}  // namespace aiops
