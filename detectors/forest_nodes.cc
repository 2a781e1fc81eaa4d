#include "detectors/forest_nodes.h"

#include <algorithm>

namespace aiops {
namespace {

// Reads one subtree at a time, in preorder, and folds the children's means into the parent's.
class Sealer {
 public:
  Sealer(std::span<ForestNode> tree, size_t width) : tree_(tree), width_(width) {}

  // The index behind the subtree at i, or 0 if it is broken.
  size_t Subtree(size_t i, size_t depth) {
    if (i >= tree_.size() || depth > kDeepest) return 0;
    ForestNode& node = tree_[i];
    if (node.skip == 0) return Leaf(node) ? i + 1 : 0;
    if (!std::isfinite(node.threshold) || node.feature >= width_) return 0;
    const size_t right = Subtree(i + 1, depth + 1);
    if (right == 0 || right != i + node.skip) return 0;
    const size_t end = Subtree(right, depth + 1);
    if (end == 0) return 0;
    const double share = node.left_share * kShareUnit;
    const double mean = share * tree_[i + 1].expected + (1 - share) * tree_[right].expected;
    node.expected = static_cast<std::uint16_t>(std::lround(mean));
    return end;
  }

 private:
  static bool Leaf(const ForestNode& node) {
    return std::isnan(node.threshold) && node.feature == 0 &&
           node.expected <= kLongestPath / kExpectedUnit;
  }

  std::span<ForestNode> tree_;
  size_t width_;
};

}  // namespace

ForestNode LeafNode(double path) {
  ForestNode leaf;
  leaf.threshold = std::numeric_limits<float>::quiet_NaN();
  leaf.expected = static_cast<std::uint16_t>(std::lround(path / kExpectedUnit));
  return leaf;
}

Result<void> SealTree(std::span<ForestNode> tree, size_t width) {
  const size_t end = Sealer(tree, width).Subtree(0, 0);
  if (end == 0 || end != tree.size()) return Corruption("forest: a tree is broken");
  return {};
}

}  // namespace aiops
