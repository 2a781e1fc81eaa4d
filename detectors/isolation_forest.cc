#include "detectors/isolation_forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>
#include <utility>

#include "detectors/forest_builder.h"
#include "detectors/forest_nodes.h"
#include "detectors/forest_walk.h"

namespace aiops {
namespace {

constexpr size_t kBytesPerSavedNode = 10;
// Reuses `row`.
void ToForestRow(std::span<const double> x, std::vector<float>& row) {
  row.resize(x.size());
  std::transform(x.begin(), x.end(), row.begin(), ForestValue);
}

std::vector<float> ForestRow(std::span<const double> x) {
  std::vector<float> row;
  ToForestRow(x, row);
  return row;
}

bool IsComplete(std::span<const float> row) {
  return std::none_of(row.begin(), row.end(), [](float v) { return std::isnan(v); });
}

// Adds to `evidence`, if there is any, what the walk from `node` says; returns the mean path
// length in units of ForestNode::expected.
double Walk(const ForestNode* node, const float* x, double weight, std::span<double> evidence) {
  while (node->skip != 0) {
    const float v = x[node->feature];
    if (std::isnan(v)) {
      const double share = node->left_share * kShareUnit;
      return Walk(node + 1, x, weight * share, evidence) +
             Walk(node + node->skip, x, weight * (1 - share), evidence);
    }
    const ForestNode* next = node + (v <= node->threshold ? 1 : node->skip);
    if (!evidence.empty()) evidence[node->feature] += weight * (node->expected - next->expected);
    node = next;
  }
  return weight * node->expected;
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
  const double mean = path_sum * kExpectedUnit / static_cast<double>(trees());
  return std::exp2(-mean / AveragePathLength(samples_));
}

double IsolationForest::ScoreIncomplete(const float* row) const {
  double sum = 0;
  for (const std::uint32_t root : roots_) sum += Walk(&nodes_[root], row, 1, {});
  return ToScore(sum);
}

double IsolationForest::Score(std::span<const double> x) const {
  AIOPS_CHECK(x.size() == width_);
  const std::vector<float> row = ForestRow(x);
  if (!IsComplete(row)) return ScoreIncomplete(row.data());
  std::uint32_t sum = 0;
  for (size_t first = 0; first < trees(); first += kLanes) {
    const size_t lanes = std::min(kLanes, trees() - first);
    Lanes at{};
    std::copy_n(roots_.begin() + static_cast<std::ptrdiff_t>(first), lanes, at.begin());
    WalkLanes(nodes_.data(), row.data(), at);
    for (size_t i = 0; i < lanes; ++i) sum += nodes_[at[i]].expected;
  }
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

std::vector<double> IsolationForest::ScoreAll(MatrixView rows) const {
  AIOPS_CHECK(rows.rows == 0 || rows.cols == width_);
  std::vector<double> scores(rows.rows);
  std::vector<size_t> complete;
  std::vector<float> row;
  std::vector<float> blocks;  // of kSweepRows rows, column after column
  for (size_t i = 0; i < rows.rows; ++i) {
    ToForestRow(rows.Row(i), row);
    if (!IsComplete(row)) {
      scores[i] = ScoreIncomplete(row.data());
      continue;
    }
    const size_t place = complete.size() % kSweepRows;
    if (place == 0) blocks.resize(blocks.size() + kSweepRows * width_);
    float* const block = blocks.data() + blocks.size() - kSweepRows * width_;
    for (size_t f = 0; f < width_; ++f) block[f * kSweepRows + place] = row[f];
    complete.push_back(i);
  }
  const std::vector<std::uint32_t> sums = PathSums(blocks);
  for (size_t i = 0; i < complete.size(); ++i) scores[complete[i]] = ToScore(sums[i]);
  return scores;
}

// Tree after tree: a tree stays in the nearest cache while all rows pass it.
std::vector<std::uint32_t> IsolationForest::PathSums(const std::vector<float>& blocks) const {
  std::vector<std::uint32_t> sums(blocks.size() / width_);
  for (size_t tree = 0; tree < trees(); ++tree) {
    const auto nodes = std::span(nodes_).subspan(roots_[tree], TreeSize(tree));
    for (size_t row = 0; row < sums.size(); row += kSweepRows)
      SweepTree(nodes, &blocks[row * width_], &sums[row]);
  }
  return sums;
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
    out.F32(node.skip == 0 ? static_cast<float>(node.expected * kExpectedUnit) : node.threshold);
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
    const float value = in.F32();
    node = {value, in.U16(), in.U16(), in.U16(), 0};
    if (node.skip != 0) continue;
    if (!(value >= 0 && value <= kLongestPath)) return Corruption("forest: an impossible leaf");
    const std::uint16_t feature = node.feature;
    node = LeafNode(value);
    node.feature = feature;
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
