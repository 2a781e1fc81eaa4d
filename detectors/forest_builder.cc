#include "detectors/forest_builder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "detectors/forest_nodes.h"

namespace aiops {

TreeGrower::TreeGrower(MatrixView rows, size_t samples, std::uint64_t seed)
    : rows_(rows),
      samples_(samples),
      deepest_(static_cast<size_t>(std::bit_width(samples - 1))),  // ceil(log2(samples))
      random_(seed),
      order_(rows.rows),
      drawn_(samples * rows.cols),
      features_(rows.cols),
      members_(samples),
      right_(samples) {
  std::iota(order_.begin(), order_.end(), 0u);
  std::iota(features_.begin(), features_.end(), std::uint16_t{0});
}

void TreeGrower::Grow(std::vector<ForestNode>& nodes) {
  DrawRows();
  std::iota(members_.begin(), members_.end(), std::uint16_t{0});
  GrowNode(nodes, members_, features_.size(), 0);
}

void TreeGrower::DrawRows() {
  for (size_t i = 0; i < samples_; ++i) {
    const size_t j = i + random_.Below(static_cast<std::uint32_t>(order_.size() - i));
    std::swap(order_[i], order_[j]);
    const auto row = rows_.Row(order_[i]);
    for (size_t f = 0; f < row.size(); ++f) drawn_[f * samples_ + i] = ForestValue(row[f]);
  }
}

void TreeGrower::GrowNode(std::vector<ForestNode>& nodes, std::span<std::uint16_t> members,
                          size_t varying, size_t depth) {
  const size_t self = nodes.size();
  nodes.emplace_back();
  Cut cut;
  if (depth >= deepest_ || members.size() < 2 || !DrawCut(members, varying, cut)) {
    nodes[self] = LeafNode(static_cast<double>(depth) + AveragePathLength(members.size()));
    return;
  }
  nodes[self].threshold = cut.threshold;
  nodes[self].feature = cut.feature;
  const size_t left = Split(members, cut, nodes[self].left_share);
  GrowNode(nodes, members.first(left), varying, depth + 1);
  nodes[self].skip = static_cast<std::uint16_t>(nodes.size() - self);
  GrowNode(nodes, members.subspan(left), varying, depth + 1);
}

// Features found constant move behind `varying`, where no descendant looks again.
bool TreeGrower::DrawCut(std::span<const std::uint16_t> members, size_t& varying, Cut& cut) {
  while (varying > 0) {
    const size_t pick = random_.Below(static_cast<std::uint32_t>(varying));
    cut.feature = features_[pick];
    float low = 0;
    float high = 0;
    if (Range(members, cut.feature, low, high)) {
      const double at = low + random_.Uniform() * (static_cast<double>(high) - low);
      cut.threshold = static_cast<float>(at);
      if (!(cut.threshold < high)) cut.threshold = low;  // rounding must not empty the right side
      return true;
    }
    std::swap(features_[pick], features_[--varying]);
  }
  return false;
}

bool TreeGrower::Range(std::span<const std::uint16_t> members, size_t feature, float& low,
                       float& high) const {
  const float* column = drawn_.data() + feature * samples_;
  low = std::numeric_limits<float>::infinity();
  high = -low;
  for (const std::uint16_t m : members) {  // NaN compares false and is passed over
    const float v = column[m];
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  return low < high;
}

// Stable within each side; rows without the value are sent by lot, at the share of those that have
// it.
size_t TreeGrower::Split(std::span<std::uint16_t> members, const Cut& cut,
                         std::uint16_t& left_share) {
  const float* column = drawn_.data() + cut.feature * samples_;
  size_t present = 0;
  size_t present_left = 0;
  for (const std::uint16_t m : members) {
    present += std::isnan(column[m]) ? 0 : 1;
    present_left += column[m] <= cut.threshold ? 1 : 0;
  }
  const double share = static_cast<double>(present_left) / static_cast<double>(present);
  left_share = static_cast<std::uint16_t>(std::lround(share / kShareUnit));
  size_t left = 0;
  size_t right = 0;
  for (const std::uint16_t m : members) {
    const bool missing = present < members.size() && std::isnan(column[m]);
    const bool goes_left = missing ? random_.Uniform() < share : column[m] <= cut.threshold;
    right_[right] = m;
    members[left] = goes_left ? m : members[left];
    left += goes_left ? 1 : 0;
    right += goes_left ? 0 : 1;
  }
  std::copy_n(right_.begin(), right, members.begin() + static_cast<std::ptrdiff_t>(left));
  return left;
}

}  // namespace aiops
