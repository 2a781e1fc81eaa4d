// IsolationForest: how few random cuts it takes to isolate a row (docs/isolation-forest.md).
//
// Liu, Ting and Zhou, "Isolation Forest", ICDM 2008, with scikit-learn's meaning of n_estimators,
// max_samples and score: Score(x) = 2^(-E[h(x)] / c(max_samples)) = -score_samples(x), in (0, 1];
// values are compared as 32-bit floats, as there. Deterministic by seed, on every machine.
//
// Missing (NaN or infinite): in training a row without a node's feature goes left with the share of
// the present rows that do; in scoring it goes both ways, weighted by that share. Immutable after
// Fit and therefore safe to share between threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/matrix_view.h"

namespace aiops {

// Trees lie in preorder: a node's left child is the next node.
struct ForestNode {
  float threshold = 0;     // x <= threshold goes left; NaN in a leaf, which nothing leaves
  std::uint16_t skip = 0;  // the right child is so many nodes on; 0 marks a leaf
  std::uint16_t feature = 0;
  std::uint16_t left_share = 0;  // share of training rows that went left, in 1/65535
  std::uint16_t expected = 0;    // path length in 1/1024 levels. Leaf: depth + c(rows in it). Inner
                                 // node: the mean of its training rows, derived by SealTree
};
static_assert(sizeof(ForestNode) == 12);

// c(n): the mean path length of an unsuccessful search among n rows; 0 for n <= 1.
double AveragePathLength(size_t n);

class IsolationForest {
 public:
  static constexpr size_t kMostFeatures = 65535;
  static constexpr size_t kMostSamples = 32768;  // max_samples is cut to it
  static constexpr size_t kMostTrees = 10000;

  // InvalidArgument: fewer than two rows, no columns or too many. max_samples is min(option, rows).
  static Result<IsolationForest> Fit(MatrixView rows, const IsolationForestOptions& options);

  double Score(std::span<const double> x) const;

  // The same as Score of every row, bit for bit, but faster.
  std::vector<double> ScoreAll(MatrixView rows) const;

  // Score, and per feature how many levels earlier than the mean training row its cuts led x to a
  // leaf: evidence[j] = max(0, mean over trees of the sum over cuts on j of (expected[node] -
  // expected[child])). Before the max, all features sum to the mean training path length minus
  // E[h(x)]. 0 for a missing one.
  double Explain(std::span<const double> x, std::span<double> evidence) const;

  size_t width() const { return width_; }
  size_t trees() const { return roots_.size(); }
  size_t samples() const { return samples_; }  // rows per tree
  size_t bytes() const;
  const std::vector<ForestNode>& nodes() const { return nodes_; }

  void Save(BlobWriter& out) const;
  // Corruption for whatever Fit could not have made: a foreign feature, a node out of order, too
  // deep.
  static Result<IsolationForest> Load(BlobReader& in);

 private:
  IsolationForest() = default;
  double ToScore(double path_sum) const;
  double ScoreIncomplete(const float* row) const;
  std::vector<std::uint32_t> PathSums(const std::vector<float>& blocks) const;
  size_t TreeSize(size_t tree) const;
  Result<size_t> LoadRoots(BlobReader& in);  // returns how many nodes follow

  size_t width_ = 0;
  size_t samples_ = 0;
  std::vector<std::uint32_t> roots_;  // index of each tree's first node
  std::vector<ForestNode> nodes_;     // all trees, one after the other
};

}  // namespace aiops
