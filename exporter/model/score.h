// What the detector says of one sample, before policy.
#pragma once

#include <vector>

#include "model/sample.h"
#include "model/verdict.h"

namespace aiops {

// One feature in one sample. All of it is read from one state, before that sample is learned.
struct FeatureScore {
  double value = kMissing;
  double expected = kMissing;  // EWMA mean; missing until warm
  double lower = kMissing;     // the expected band
  double upper = kMissing;
  double z = 0;             // signed deviation in standard deviations; 0 if missing or not warm
  double contribution = 0;  // raw evidence, >= 0
  bool anomalous = false;   // an EWMA anomaly that passed direction and minimum deviation
  Gate gate = Gate::kNone;  // why |z| beyond sigma is not anomalous
};

// score: 1 is the WARNING threshold. level: a smooth ranking of how unusual the last minutes are.
struct Score {
  double score = kMissing;
  double level = kMissing;
  double forest = kMissing;          // Isolation Forest score in (0, 1]; missing without a model
  double forest_warning = kMissing;  // thresholds in the forest's own units
  double forest_critical = kMissing;
  double coverage = 0;  // share of features present
  double warmup = 0;    // 0..1; 1 when judging in earnest
  int ewma_anomalies = 0;
  Verdict verdict = Verdict::kUnknown;
  Gate gate = Gate::kNone;             // why the verdict is lower than the evidence, or unknown
  std::vector<FeatureScore> features;  // one per feature of the scope, in its order
};

}  // namespace aiops
