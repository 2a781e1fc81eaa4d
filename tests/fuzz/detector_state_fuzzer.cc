// A detector's snapshots as a damaged or foreign database may give them back. The first byte says
// which of the two and of which mode, the next where the blob ends; the rest are rows that are
// judged with it.
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/detector.h"

namespace {

constexpr size_t kWidth = 3;

// With the checksum of its bytes: without it nothing but the checksum would be tested.
std::string Sealed(std::string_view body) {
  std::string blob(body);
  const std::uint64_t checksum = aiops::BlobChecksum(body);
  for (int i = 0; i < 8; ++i) blob.push_back(static_cast<char>(checksum >> (8 * i)));
  return blob;
}

void Use(aiops::Detector& detector, std::string_view rows) {
  std::array<double, kWidth> x{};
  aiops::Moment at;
  for (; rows.size() >= sizeof x; rows.remove_prefix(sizeof x)) {
    std::memcpy(x.data(), rows.data(), sizeof x);
    const aiops::Score score = detector.Judge(x, at);
    AIOPS_CHECK(score.verdict == aiops::Verdict::kUnknown || std::isfinite(score.score));
    detector.Learn(x, at, score, 0);
    at.time += aiops::minutes(1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size < 3) return 0;
  aiops::DetectorOptions options;
  options.features.resize(kWidth);
  if (data[0] & 4) options.mode = aiops::DetectorMode::kCalibrated;
  const auto detector = aiops::MakeDetector(options);
  std::string_view rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  const size_t end = std::min<size_t>(rest.size(), data[1] + 256u * data[2]);
  const std::string blob =
      data[0] & 2 ? std::string(rest.substr(0, end)) : Sealed(rest.substr(0, end));
  const auto restored = data[0] & 1 ? detector->RestoreModel(blob) : detector->RestoreState(blob);
  if (restored) {
    // What is taken is also given back.
    const auto again = aiops::MakeDetector(options);
    AIOPS_CHECK(data[0] & 1 ? again->RestoreModel(detector->SnapshotModel()).has_value()
                            : again->RestoreState(detector->SnapshotState()).has_value());
  }
  Use(*detector, rest.substr(end));
  return 0;
}
