#include "detectors/shared_forest.h"

#include <utility>

namespace aiops {
namespace {
constexpr std::uint32_t kForestMagic = 0x01465741;  // "AWF", version 1
}  // namespace

SharedForest::SharedForest(IsolationForest forest) : forest_(std::move(forest)) {
  id_ = BlobChecksum(Snapshot());
}

Result<std::shared_ptr<const SharedForest>> SharedForest::Fit(
    MatrixView residuals, const IsolationForestOptions& options) {
  AIOPS_TRY(auto forest, IsolationForest::Fit(residuals, options));
  return std::shared_ptr<const SharedForest>(new SharedForest(std::move(forest)));
}

Result<std::shared_ptr<const SharedForest>> SharedForest::Restore(std::string_view blob) {
  AIOPS_TRY(auto in, BlobReader::Open(blob, kForestMagic, "shared forest"));
  AIOPS_TRY(auto forest, IsolationForest::Load(in));
  if (!in.ok() || in.left() != 0) return Corruption("shared forest: of the wrong length");
  return std::shared_ptr<const SharedForest>(new SharedForest(std::move(forest)));
}

std::string SharedForest::Snapshot() const {
  BlobWriter out(kForestMagic);
  forest_.Save(out);
  return out.Finish();
}

}  // namespace aiops
