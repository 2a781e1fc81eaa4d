// JointScore: from the components' surprise to one number with a threshold of 1.
//
// Two gates look at the mean surprise: the fast one at this sample's, the smooth one at a moving
// average that also hears the bursts. v is the greater of their ratios to their thresholds. The
// thresholds come from training and follow the ordinary values of the last seven days, never below
// training's, never above three times them.
#pragma once

#include <span>

#include "base/result.h"
#include "base/time.h"
#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/gate_history.h"
#include "detectors/level.h"
#include "detectors/surprises.h"

namespace aiops {

// Where the WARNING threshold lies in the tail of training, in median excesses over the 98 %
// quantile: 3 for a week or more of one-minute samples. Each doubling of the samples a
// day adds 0.15, as there are more chances for a false alert; each halving of the window adds 1.75,
// as less of ordinary life was seen.
double TailExcesses(Duration interval, size_t training_rows);

struct GateValues {
  double fast = 0;
  double smooth = 0;
  Level level;  // no gate hears it
};

class JointScore {
 public:
  // The gates' values and the score at a sample; Learn goes on from there.
  GateValues Look(const Surprises& surprises, Duration interval) const;
  double Score(const GateValues& values) const;

  // `recalibrates`: at the begin of a day the thresholds are set anew. `baselines` false: the
  // history learns nothing of this sample.
  void Learn(const GateValues& values, Time now, bool recalibrates, bool baselines);

  // Sets thresholds and history from training: the gates' values at each row.
  void Calibrate(std::span<const GateValues> values, std::span<const Moment> moments,
                 double tail_excesses);

  void Save(BlobWriter& out) const;
  Result<void> Load(BlobReader& in);  // Corruption on impossible numbers; then do not use it

 private:
  struct GateState {
    double trained = 0;  // the threshold of training
    double bar = 0;      // the one in force
    GateHistory history;
  };
  void Recalibrate(GateState& gate) const;
  void BeginDay(Time now);

  double smooth_ = 0;
  Level level_;
  double tail_excesses_ = 0;
  std::int64_t day_ = 0;  // since the epoch
  GateState fast_gate_;
  GateState smooth_gate_;
};

}  // namespace aiops
