#include "detectors/forest_walk.h"

#include <algorithm>

#include "detectors/forest_nodes.h"

namespace aiops {
namespace {

// Eight lanes: one AVX2 register, or two of SSE or NEON.
using Floats [[gnu::vector_size(32)]] = float;
using Words [[gnu::vector_size(32)]] = std::uint32_t;
constexpr size_t kVectors = kSweepRows / 8;

struct Block {
  Words vectors[kVectors];
};

[[gnu::always_inline]] inline void SweepInline(std::span<const ForestNode> tree,
                                               const float* columns, std::uint32_t* sums) {
  // In reverse preorder a node comes after both subtrees, the left one on top.
  Block stack[kDeepest + 2];
  Block* top = stack;
  for (size_t i = tree.size(); i-- > 0;) {
    const ForestNode& node = tree[i];
    if (node.skip == 0) {
      const Words path = Words{} + node.expected;
#pragma GCC unroll 8
      for (size_t v = 0; v < kVectors; ++v) top->vectors[v] = path;
      ++top;
      continue;
    }
    const Block& left = *--top;
    Block& right = top[-1];
    const float* column = columns + node.feature * kSweepRows;
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) {
      Floats x;
      __builtin_memcpy(&x, column + v * 8, sizeof x);
      right.vectors[v] = x <= node.threshold ? left.vectors[v] : right.vectors[v];
    }
  }
#pragma GCC unroll 8
  for (size_t v = 0; v < kVectors; ++v) {
    Words sum;
    __builtin_memcpy(&sum, sums + v * 8, sizeof sum);
    sum += stack[0].vectors[v];
    __builtin_memcpy(sums + v * 8, &sum, sizeof sum);
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void SweepWithAvx2(std::span<const ForestNode> tree, const float* columns,
                                           std::uint32_t* sums) {
  SweepInline(tree, columns, sums);
}
#endif

}  // namespace

// Which side a row takes is a coin toss, so there is no branch on it. In a leaf the threshold is
// NaN and the skip 0: a lane stays there until the deepest one has arrived.
void WalkLanes(const ForestNode* nodes, const float* row, Lanes& at) {
  for (bool moved = true; moved;) {
    std::uint32_t steps = 0;
    for (std::uint32_t& lane : at) {
      const ForestNode& node = nodes[lane];
      const std::uint32_t skip = node.skip;
      const std::uint32_t left = row[node.feature] <= node.threshold;
      const std::uint32_t step = skip ^ ((skip ^ 1u) & (0u - left));
      lane += step;
      steps |= step;
    }
    moved = steps != 0;
  }
}

void SweepTree(std::span<const ForestNode> tree, const float* columns, std::uint32_t* sums) {
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2");
  if (avx2) return SweepWithAvx2(tree, columns, sums);
#endif
  SweepInline(tree, columns, sums);
}

}  // namespace aiops
