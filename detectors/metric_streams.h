// MetricStreams: what is remembered of every metric of an entity, and how far a row is from it.
//
// Three guarded moving averages (fast: 5 samples; mid: 100 minutes; slow: 1000 minutes), a profile
// of the day and of the week, and the recent changes; about 1.4 kB a metric, constant. Not
// thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "detectors/blob.h"
#include "detectors/change_burst.h"
#include "detectors/detector.h"
#include "detectors/guarded_ewma.h"
#include "detectors/matrix_view.h"
#include "detectors/season_profile.h"
#include "detectors/standard_units.h"
#include "detectors/week_profile.h"

namespace aiops {

// What training found out about a metric; lengths are in units of its floor.
struct MetricRule {
  StandardUnits units;
  double burst_from = 0;  // ChangeBurst's r beyond it: the metric moves unusually
  bool varies = false;    // in training
  Direction direction = Direction::kBoth;
  double min_deviation = 0;
  double min_relative_deviation = 0;  // a share of what the metric itself, not its units, should be
  // 98 % quantiles of |z| in training, at least 1: what is usual of this metric.
  double usual_mid = 1;
  double usual_season = 1;
  double most_lasting = 0;  // the greatest that its strangeness lasted at in training
};

// The weights of the newest sample; of the longer memories per minute, so that they are defined in
// time.
struct Memories {
  GuardedEwma fast, mid, slow;
  bool weekdays = true;  // whether one differs from another
  double lasting = 0;    // of half an hour
  static Memories For(const CalibratedOptions& options);
};

// How one row deviates. Metrics that are missing are left out of the aggregates.
struct Deviations {
  double shift = 0;    // A: mean of the 3 largest |z| against the slow memory, each at most 20
  double breadth = 0;  // B: mean over metrics of |z| against the fast memory, each at most 10
  double jump = 0;     // T: mean of the 3 largest |z| against the fast memory, each at most 20
  double season =
      0;  // D: mean of the 3 largest |z| against the time of day and week, each at most 20
  double moving = 0;  // share of metrics whose changes are larger than nearly all in training
  // The metric that stays strangest: min(3 |z slow|, |z season|, 100) averaged over half an hour,
  // in multiples of three times the most of training, which counts as 10 at least.
  double lone = 0;
  std::vector<double> residuals;  // 3 a metric: value, change, z against the mid memory (+-20)
  // A metric: |z| for the time of day and of mid, each as a multiple of what is usual, at most 10,
  // and their sum. 0 if missing.
  std::vector<double> evidence;
  // A metric: z against the slow memory and the time of day (+-10). Missing if the metric is.
  std::vector<double> of_slow;
  std::vector<double> of_season;
};

class MetricStreams {
 public:
  MetricStreams() = default;
  // Begins with the mean and variance of the first 60, 200 and 600 values of each column, of at
  // most a third of it. Also finds `burst_from` of every rule: the 98 % quantile of its column.
  MetricStreams(MatrixView rows, const Memories& memories, std::vector<MetricRule>& rules);

  Deviations Look(std::span<const double> x, Duration of_week,
                  std::span<const MetricRule> rules) const;
  // `baselines` false: only what is going on just now is remembered (the newest value and changes).
  void Learn(std::span<const double> x, Duration of_week, std::span<const MetricRule> rules,
             bool baselines);

  size_t width() const { return metrics_.size(); }
  double lasting(size_t metric) const { return metrics_[metric].lasting; }
  void Save(BlobWriter& out) const;
  static Result<MetricStreams> Load(BlobReader& in, size_t width, const Memories& memories);

 private:
  struct Metric {
    EwmaMemory fast, mid, slow;
    float last = 0;     // the newest value that was present
    float lasting = 0;  // how strange it has been to slow memory and season at once
    ChangeBurst burst;
    SeasonProfile season;
    WeekProfile week;
  };

  static Metric Begin(const std::vector<double>& present);
  static double BurstFrom(const std::vector<double>& present);

  Memories memories_{};
  std::vector<Metric> metrics_;
};

}  // namespace aiops
