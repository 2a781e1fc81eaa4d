// How a detector is built, trained and driven: the one way for the daemon and for a backtest.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "detectors/detector.h"
#include "model/feature.h"
#include "model/sample.h"
#include "model/score.h"

namespace aiops {

DetectorOptions DetectorOptionsFor(const Config& config, const Scope& scope);

Moment MomentOf(Time time, const TimeZone& zone);

// Judges a sample with the state before it, then learns it: nothing is scored by a state that has
// seen it. There is no other caller of Detector::Judge.
Score JudgeThenLearn(Detector& detector, std::span<const double> values, const Moment& at,
                     std::uint32_t flags);
Score JudgeThenLearn(Detector& detector, const Sample& sample, const TimeZone& zone);

// Samples that a model is to be trained on.
struct TrainingRows {
  DetectorOptions options;
  std::vector<double> values;   // row-major, in time order
  std::vector<Moment> moments;  // one a row

  size_t size() const { return moments.size(); }
  void Add(const Sample& sample, const TimeZone& zone);
};

// What a person called a real incident, and some of the time before it.
struct Incident {
  TrainingRows rows;
  size_t before = 0;  // rows of the time before
};

// Whether a detector with this model (Detector::SnapshotModel) alerts about any row of it.
bool Sees(std::string_view model, const Incident& incident);

// A detector whose model is fitted on the rows; what to Adopt. Errors: as Detector::Fit.
Result<std::unique_ptr<Detector>> FitDetector(const TrainingRows& rows);

// How many of the last `held` rows (< size()) a detector alerts about that was fitted on those
// before them. Errors: as Detector::Fit.
Result<size_t> AlertsOnHeldOut(const TrainingRows& rows, size_t held);

}  // namespace aiops
