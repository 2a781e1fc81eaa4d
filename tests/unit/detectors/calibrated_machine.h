// CalibratedMachine: a machine of made-up metrics with a rhythm of the day, and a calibrated
// detector that was trained on a week of it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "detectors/detector.h"
#include "detectors/random.h"

namespace aiops {

class CalibratedMachine {
 public:
  static constexpr size_t kWidth = 6;
  static constexpr size_t kTraining = 7 * 288;

  static DetectorOptions Options() {
    DetectorOptions options;
    options.mode = DetectorMode::kCalibrated;
    options.calibrated.interval = minutes(5);
    options.forest.n_estimators = 20;
    options.features.resize(kWidth);
    return options;
  }

  explicit CalibratedMachine(std::uint64_t seed = 1, DetectorOptions options = Options())
      : random_(seed), detector(MakeDetector(options)) {}

  void Train() {
    std::vector<double> rows;
    std::vector<Moment> moments;
    for (size_t i = 0; i < kTraining; ++i) {
      const auto row = Next();
      rows.insert(rows.end(), row.begin(), row.end());
      moments.push_back(at);
    }
    const auto fitted = detector->Fit({rows.data(), kTraining, kWidth}, moments);
    ASSERT_TRUE(fitted) << fitted.error().message;
  }

  // The next ordinary row; `at` is its moment.
  std::vector<double> Next() {
    at.time += minutes(5);
    at.of_week = at.time - Time(FromUnixMillis(1'704'067'200'000));
    const double phase = 2 * std::numbers::pi * Seconds(at.of_week) / 86400;
    std::vector<double> row(kWidth);
    for (size_t j = 0; j < kWidth; ++j) {
      const double noise = random_.Uniform() + random_.Uniform() + random_.Uniform() - 1.5;
      row[j] = 100 * static_cast<double>(j + 1) * (1 + 0.2 * std::sin(phase) + 0.05 * noise);
    }
    return row;
  }

  Score Judge(const std::vector<double>& row) const { return detector->Judge(row, at); }
  Score Step(const std::vector<double>& row, std::uint32_t flags = 0) {
    Score score = Judge(row);
    detector->Learn(row, at, score, flags);
    return score;
  }

 private:
  Xoshiro256pp random_;

 public:
  Moment at{FromUnixMillis(1'704'067'200'000), {}};  // 2024-01-01
  std::unique_ptr<Detector> detector;
};

}  // namespace aiops
