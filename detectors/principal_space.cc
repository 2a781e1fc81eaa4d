#include "detectors/principal_space.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

namespace aiops {
namespace {

constexpr double kExplained = 0.9;  // of the variance
constexpr size_t kMostComponents = 16;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double MeanOfPresent(const Rows& rows, Eigen::Index column) {
  double sum = 0;
  double present = 0;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    if (!std::isfinite(rows(i, column))) continue;
    sum += rows(i, column);
    present += 1;
  }
  return present > 0 ? sum / present : 0;
}

// Of eigenvalues in rising order: how many of the largest are needed. Never all: then nothing would
// be left to explain.
size_t ComponentsFor(const Eigen::VectorXd& variances) {
  const Eigen::Index n = variances.size();
  double left = kExplained * variances.cwiseMax(0).sum();
  Eigen::Index count = 0;
  while (count + 1 < n && left > 0) left -= variances(n - ++count);
  return static_cast<size_t>(count);
}

// The principal components of q, the largest first, a column each. Of fewer rows than columns they
// come from the smaller matrix q q', whose eigenvalues are the same.
Eigen::MatrixXd ComponentsOf(const Rows& q) {
  const bool wide = q.rows() < q.cols();
  const Eigen::MatrixXd products =
      wide ? Eigen::MatrixXd(q * q.transpose()) : Eigen::MatrixXd(q.transpose() * q);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(products / double(q.rows()));
  const auto count =
      static_cast<Eigen::Index>(std::min(ComponentsFor(eigen.eigenvalues()), kMostComponents));
  const Eigen::MatrixXd largest = eigen.eigenvectors().rightCols(count).rowwise().reverse();
  if (!wide) return largest;
  return Eigen::MatrixXd(q.transpose() * largest).colwise().normalized();
}

}  // namespace

PrincipalSpace::PrincipalSpace(MatrixView rows) {
  if (rows.rows == 0 || rows.cols == 0) return;
  const auto width = static_cast<Eigen::Index>(rows.cols);
  Rows q = Eigen::Map<const Rows>(rows.data, static_cast<Eigen::Index>(rows.rows), width);
  for (Eigen::Index j = 0; j < width; ++j) {
    const double mean = MeanOfPresent(q, j);
    q.col(j) = q.col(j).unaryExpr([&](double v) { return std::isfinite(v) ? v - mean : 0; });
    const double scale = std::max(1.0, std::sqrt(q.col(j).squaredNorm() / double(q.rows())));
    q.col(j) /= scale;
    columns_.push_back({static_cast<float>(mean), static_cast<float>(scale)});
  }
  const Eigen::MatrixXd components = ComponentsOf(q);
  components_ = static_cast<size_t>(components.cols());
  for (Eigen::Index j = 0; j < width; ++j)
    for (Eigen::Index c = 0; c < components.cols(); ++c)
      loadings_.push_back(static_cast<float>(components(j, c)));
}

double PrincipalSpace::Unexplained(std::span<const double> x) const {
  std::array<double, kMostComponents> along{};
  double whole = 0;
  for (size_t j = 0; j < columns_.size(); ++j) {
    if (!std::isfinite(x[j])) continue;
    const double q = (x[j] - columns_[j].mean) / columns_[j].scale;
    whole += q * q;
    for (size_t c = 0; c < components_; ++c) along[c] += q * loadings_[j * components_ + c];
  }
  for (const double a : along) whole -= a * a;
  return std::sqrt(std::max(0.0, whole));
}

void PrincipalSpace::Save(BlobWriter& out) const {
  out.U32(static_cast<std::uint32_t>(components_));
  for (const Column& column : columns_) {
    out.F32(column.mean);
    out.F32(column.scale);
  }
  for (const float loading : loadings_) out.F32(loading);
}

Result<PrincipalSpace> PrincipalSpace::Load(BlobReader& in, size_t width) {
  PrincipalSpace space;
  space.components_ = in.U32();
  bool sane = in.ok() && space.components_ <= std::min(kMostComponents, width);
  for (size_t j = 0; sane && j < width; ++j) {
    const Column column{in.F32(), in.F32()};
    sane = in.ok() && std::abs(column.mean) <= kMostDeviation && column.scale >= 1 &&
           column.scale <= 2 * kMostDeviation;
    space.columns_.push_back(column);
  }
  for (size_t i = 0; sane && i < width * space.components_; ++i) {
    space.loadings_.push_back(in.F32());
    sane = in.ok() && std::abs(space.loadings_.back()) <= 1.001f;
  }
  return sane ? Result<PrincipalSpace>(std::move(space))
              : Corruption("calibrated model: impossible principal components");
}

}  // namespace aiops
