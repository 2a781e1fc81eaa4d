#include "detectors/isolation_forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>
#include <utility>

#include "detectors/forest_builder.h"
#include "detectors/forest_nodes.h"

namespace aiops {
namespace {

constexpr size_t kBytesPerSavedNode = 10;
constexpr size_t kBlock =
    16;  // rows that walk a tree side by side, so that their cache misses overlap

std::vector<float> ForestRow(std::span<const double> x) {
  std::vector<float> row(x.size());
  std::transform(x.begin(), x.end(), row.begin(), ForestValue);
  return row;
}

// Adds to `evidence`, if there is any, what the walk from `node` says; returns the mean path
// length.
double Walk(const ForestNode* node, const float* x, double weight, std::span<double> evidence) {
  while (node->skip != 0) {
    const float v = x[node->feature];
    if (std::isnan(v)) {
      const double share = node->left_share * kShareUnit;
      return Walk(node + 1, x, weight * share, evidence) +
             Walk(node + node->skip, x, weight * (1 - share), evidence);
    }
    const ForestNode* next = node + (v <= node->value ? 1 : node->skip);
    if (!evidence.empty()) evidence[node->feature] += weight * (node->expected - next->expected);
    node = next;
  }
  return weight * node->value;
}

// The same walk for kBlock rows without missing values; sums[i] += path length of row i. A leaf's
// skip of 0 keeps a row where it is until the deepest one has arrived. Which side a row takes is a
// coin toss, so there is no branch on it.
void WalkBlock(const ForestNode* tree, const float* rows, size_t width, double* sums) {
  std::array<std::uint32_t, kBlock> at{};
  for (bool moved = true; moved;) {
    std::uint32_t steps = 0;
    for (size_t i = 0; i < kBlock; ++i) {
      const ForestNode& node = tree[at[i]];
      const std::uint32_t skip = node.skip;
      const std::uint32_t one = skip != 0;
      const std::uint32_t left = rows[i * width + node.feature] <= node.value;
      const std::uint32_t step = skip ^ ((skip ^ one) & (0u - left));
      at[i] += step;
      steps |= step;
    }
    moved = steps != 0;
  }
  for (size_t i = 0; i < kBlock; ++i) sums[i] += tree[at[i]].value;
}

Result<void> CheckShape(MatrixView rows) {
  if (rows.rows < 2) return InvalidArgument("a forest needs at least two rows");
  if (rows.cols == 0 || rows.cols > IsolationForest::kMostFeatures)
    return InvalidArgument("a forest needs 1 to 65535 features");
  if (rows.rows > 0xffffffffu) return InvalidArgument("too many rows for a forest");
  return {};
}

}  // namespace

double AveragePathLength(size_t n) {
  if (n <= 1) return 0;
  if (n == 2) return 1;
  const auto count = static_cast<double>(n);
  return 2 * (std::log(count - 1) + std::numbers::egamma) - 2 * (count - 1) / count;
}

Result<IsolationForest> IsolationForest::Fit(MatrixView rows,
                                             const IsolationForestOptions& options) {
  AIOPS_TRY_VOID(CheckShape(rows));
  const auto bounded = [](int wanted, size_t least, size_t most) {
    return std::clamp(static_cast<size_t>(std::max(wanted, 0)), least, most);
  };
  IsolationForest forest;
  forest.width_ = rows.cols;
  forest.samples_ = std::min(bounded(options.max_samples, 2, kMostSamples), rows.rows);
  TreeGrower grower(rows, forest.samples_, options.seed);
  const size_t trees = bounded(options.n_estimators, 1, kMostTrees);
  for (size_t tree = 0; tree < trees; ++tree) {
    const size_t root = forest.nodes_.size();
    forest.roots_.push_back(static_cast<std::uint32_t>(root));
    grower.Grow(forest.nodes_);
    AIOPS_TRY_VOID(SealTree(std::span(forest.nodes_).subspan(root), forest.width_));
  }
  forest.nodes_.shrink_to_fit();
  return forest;
}

double IsolationForest::ToScore(double path_sum) const {
  const double mean = path_sum / static_cast<double>(trees());
  return std::exp2(-mean / AveragePathLength(samples_));
}

double IsolationForest::Score(std::span<const double> x) const {
  AIOPS_CHECK(x.size() == width_);
  const std::vector<float> row = ForestRow(x);
  double sum = 0;
  for (const std::uint32_t root : roots_) sum += Walk(&nodes_[root], row.data(), 1, {});
  return ToScore(sum);
}

double IsolationForest::Explain(std::span<const double> x, std::span<double> evidence) const {
  AIOPS_CHECK(x.size() == width_ && evidence.size() == width_);
  const std::vector<float> row = ForestRow(x);
  std::fill(evidence.begin(), evidence.end(), 0.0);
  double sum = 0;
  for (const std::uint32_t root : roots_) sum += Walk(&nodes_[root], row.data(), 1, evidence);
  for (double& e : evidence) e = std::max(0.0, e * kExpectedUnit / static_cast<double>(trees()));
  return ToScore(sum);
}

// Tree after tree over blocks of rows: a tree stays in the nearest cache while all rows pass it.
std::vector<double> IsolationForest::ScoreAll(MatrixView rows) const {
  AIOPS_CHECK(rows.rows == 0 || rows.cols == width_);
  std::vector<size_t> complete;
  std::vector<double> scores(rows.rows);
  std::vector<float> values;
  values.reserve((rows.rows + kBlock) * width_);
  for (size_t i = 0; i < rows.rows; ++i) {
    const auto row = rows.Row(i);
    if (std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); })) {
      complete.push_back(i);
      std::transform(row.begin(), row.end(), std::back_inserter(values), ForestValue);
    } else {
      scores[i] = Score(row);
    }
  }
  const size_t blocks = (complete.size() + kBlock - 1) / kBlock;
  values.resize(blocks * kBlock * width_);
  std::vector<double> sums(blocks * kBlock);
  for (const std::uint32_t root : roots_)
    for (size_t block = 0; block < sums.size(); block += kBlock)
      WalkBlock(&nodes_[root], &values[block * width_], width_, &sums[block]);
  for (size_t i = 0; i < complete.size(); ++i) scores[complete[i]] = ToScore(sums[i]);
  return scores;
}

size_t IsolationForest::TreeSize(size_t tree) const {
  const size_t end = tree + 1 < trees() ? roots_[tree + 1] : nodes_.size();
  return end - roots_[tree];
}

size_t IsolationForest::bytes() const {
  return nodes_.size() * sizeof(ForestNode) + roots_.size() * sizeof(std::uint32_t);
}

void IsolationForest::Save(BlobWriter& out) const {
  out.U32(static_cast<std::uint32_t>(width_));
  out.U32(static_cast<std::uint32_t>(samples_));
  out.U32(static_cast<std::uint32_t>(trees()));
  for (size_t tree = 0; tree < trees(); ++tree) out.U32(static_cast<std::uint32_t>(TreeSize(tree)));
  for (const ForestNode& node : nodes_) {
    out.F32(node.value);
    out.U16(node.skip);
    out.U16(node.feature);
    out.U16(node.left_share);
  }
}

Result<IsolationForest> IsolationForest::Load(BlobReader& in) {
  IsolationForest forest;
  forest.width_ = in.U32();
  forest.samples_ = in.U32();
  AIOPS_TRY(const size_t nodes, forest.LoadRoots(in));
  forest.nodes_.resize(nodes);
  for (ForestNode& node : forest.nodes_) {
    node.value = in.F32();
    node.skip = in.U16();
    node.feature = in.U16();
    node.left_share = in.U16();
  }
  for (size_t tree = 0; tree < forest.trees(); ++tree) {
    const auto own = std::span(forest.nodes_).subspan(forest.roots_[tree], forest.TreeSize(tree));
    AIOPS_TRY_VOID(SealTree(own, forest.width_));
  }
  return forest;
}

// Nothing is allocated for nodes that the blob does not hold.
Result<size_t> IsolationForest::LoadRoots(BlobReader& in) {
  const size_t trees = in.U32();
  const bool sane = width_ >= 1 && width_ <= kMostFeatures && samples_ >= 2 &&
                    samples_ <= kMostSamples && trees >= 1 && trees <= kMostTrees;
  if (!in.ok() || !sane) return Corruption("forest: impossible shape");
  size_t nodes = 0;
  for (size_t tree = 0; tree < trees; ++tree) {
    roots_.push_back(static_cast<std::uint32_t>(nodes));
    const size_t own = in.U32();
    if (own == 0 || own > 2 * samples_) return Corruption("forest: a tree of impossible size");
    nodes += own;
  }
  if (!in.ok() || in.left() < nodes * kBytesPerSavedNode) return Corruption("forest: cut short");
  return nodes;
}

}  // namespace aiops
