// Many walks through a forest at once. Internal to the forest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "detectors/isolation_forest.h"

namespace aiops {

inline constexpr size_t kLanes = 16;
using Lanes = std::array<std::uint32_t, kLanes>;

// Many trees, one row: walks from every nodes[at[i]] to the leaf, whose index is then at[i]. The
// walks go side by side, so that the cache misses of one hide behind the others. No value of the
// row may be missing.
void WalkLanes(const ForestNode* nodes, const float* row, Lanes& at);

inline constexpr size_t kSweepRows = 64;

// One tree, many rows: `columns` holds kSweepRows values of a feature after those of the one before
// it, none missing. Adds to sums[i] the `expected` of the leaf of row i. From the leaves to the
// root every node chooses between the results of its children for all rows at once: more work than
// walking, but without a jump or a look into memory that depends on a row.
void SweepTree(std::span<const ForestNode> tree, const float* columns, std::uint32_t* sums);

}  // namespace aiops
