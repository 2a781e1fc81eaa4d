#include <algorithm>

#include "detectors/wrapped_detector.h"

namespace aiops {

std::unique_ptr<Detector> MakeDetector(const DetectorOptions& options) {
  auto detector = options.mode == DetectorMode::kCalibrated ? MakeCalibratedDetector(options)
                                                            : MakeHybridDetector(options);
  if (std::any_of(options.features.begin(), options.features.end(), Screens))
    detector = MakeScreened(std::move(detector), options.features);
  if (options.persistence > 1) detector = MakePersistent(std::move(detector), options.persistence);
  return detector;
}

}  // namespace aiops
