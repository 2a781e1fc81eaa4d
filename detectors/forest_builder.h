// TreeGrower: grows isolation trees. Internal to the forest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/isolation_forest.h"
#include "detectors/matrix_view.h"
#include "detectors/random.h"

namespace aiops {

// Draws rows and cuts as scikit-learn's IsolationForest does: rows without replacement; at each
// node a uniform choice among the features that vary there, cut uniformly between their least and
// greatest value; depth at most ceil(log2(samples)).
class TreeGrower {
 public:
  // `samples` rows a tree, 2 <= samples <= rows.rows. Refers to `rows`.
  TreeGrower(MatrixView rows, size_t samples, std::uint64_t seed);

  // Appends one tree to `nodes` in preorder. `expected` is left to SealTree.
  void Grow(std::vector<ForestNode>& nodes);

 private:
  struct Cut {
    std::uint16_t feature = 0;
    float threshold = 0;
  };

  void DrawRows();
  void GrowNode(std::vector<ForestNode>& nodes, std::span<std::uint16_t> members, size_t varying,
                size_t depth);
  bool DrawCut(std::span<const std::uint16_t> members, size_t& varying, Cut& cut);
  bool Range(std::span<const std::uint16_t> members, size_t feature, float& low, float& high) const;
  size_t Split(std::span<std::uint16_t> members, const Cut& cut, std::uint16_t& left_share);

  MatrixView rows_;
  size_t samples_;
  size_t deepest_;
  Xoshiro256pp random_;
  std::vector<std::uint32_t> order_;     // a permutation of all rows; its head is the drawn sample
  std::vector<float> drawn_;             // the sample, one feature after the other
  std::vector<std::uint16_t> features_;  // a permutation; a node's first `varying` may vary in it
  std::vector<std::uint16_t> members_;   // a permutation of the sample; a node owns a slice
  std::vector<std::uint16_t> right_;     // scratch of Split
};

}  // namespace aiops
