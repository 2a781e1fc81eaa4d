// A Score kept compactly for every judged sample: the answer to "why were you silent at 03:12?"
#pragma once

#include <vector>

#include "base/time.h"
#include "model/anomaly.h"
#include "model/entity.h"
#include "model/verdict.h"

namespace aiops {

struct Judgement {
  EntityKey key;
  Time time;
  double score = kMissing;
  double level = kMissing;
  double threshold = 1;  // what `score` had to exceed to alert (gates may raise it)
  Verdict verdict = Verdict::kUnknown;
  Gate gate = Gate::kNone;
  // Those that it was about, the strongest first; none where all was usual.
  std::vector<Contribution> features = {};
};

}  // namespace aiops
