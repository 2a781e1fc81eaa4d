#include "detectors/forest_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/blob.h"

namespace aiops {
namespace {
constexpr std::uint32_t kModelMagic = 0x01465741;  // "AWF", version 1
}  // namespace

double Quantile(std::vector<double> values, double q) {
  AIOPS_CHECK(!values.empty());
  const double at = std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(at);
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), nth, values.end());
  if (below + 1 == values.size()) return *nth;
  const double next = *std::min_element(nth + 1, values.end());
  return *nth + (at - static_cast<double>(below)) * (next - *nth);
}

Result<ForestModel> ForestModel::Fit(MatrixView rows, const IsolationForestOptions& options) {
  AIOPS_TRY(auto forest, IsolationForest::Fit(rows, options));
  ForestModel model(std::move(forest));
  const std::vector<double> scores = model.forest_.ScoreAll(rows);
  const double contamination = std::clamp(options.contamination, 0.0, 0.5);
  const double critical = std::clamp(options.critical_contamination, 0.0, contamination);
  model.rows_ = rows.rows;
  model.median_ = Quantile(scores, 0.5);
  model.warning_ = Quantile(scores, 1 - contamination);
  model.critical_ = Quantile(scores, 1 - critical);
  return model;
}

ModelInfo ForestModel::Info() const {
  return {.present = true,
          .rows = rows_,
          .trees = forest_.trees(),
          .bytes = forest_.bytes(),
          .warning = warning_,
          .critical = critical_};
}

std::string ForestModel::Snapshot() const {
  BlobWriter out(kModelMagic);
  out.U64(rows_);
  out.F64(median_);
  out.F64(warning_);
  out.F64(critical_);
  forest_.Save(out);
  return out.Finish();
}

Result<ForestModel> ForestModel::Restore(std::string_view blob) {
  AIOPS_TRY(auto in, BlobReader::Open(blob, kModelMagic, "forest"));
  const std::uint64_t rows = in.U64();
  const double median = in.F64();
  const double warning = in.F64();
  const double critical = in.F64();
  const bool sane = median > 0 && median <= warning && warning <= critical && critical <= 1;
  if (!in.ok() || !sane) return Corruption("forest: impossible thresholds");
  AIOPS_TRY(auto forest, IsolationForest::Load(in));
  if (in.left() != 0) return Corruption("forest: too long");
  ForestModel model(std::move(forest));
  model.rows_ = static_cast<size_t>(rows);
  model.median_ = median;
  model.warning_ = warning;
  model.critical_ = critical;
  return model;
}

}  // namespace aiops
