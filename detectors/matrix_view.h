// MatrixView: rows of doubles that somebody else owns, row-major; NaN is missing.
#pragma once

#include <cstddef>
#include <span>

namespace aiops {

struct MatrixView {
  const double* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  std::span<const double> Row(size_t i) const { return {data + i * cols, cols}; }
};

}  // namespace aiops
