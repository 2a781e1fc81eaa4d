// Story: what moved first, of everything that is known about one entity's trouble.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/anomaly.h"
#include "pipeline/projection.h"
#include "store/store.h"

namespace aiops {

struct StoryStep {
  Time time;                    // when it began
  std::int64_t anomaly_id = 0;  // whose step it is
  AnomalyKind kind = AnomalyKind::kLearned;
  std::string name;    // of the feature, or of the fact
  std::string object;  // of the fact
  std::string text;    // one sentence
};

struct Story {
  std::vector<StoryStep> steps;  // in the order in which they began
  std::string gap;               // what nobody can tell any more, in a sentence; empty: nothing
};

// Of a learned anomaly: its features that left their bands, each with the first of the successive
// samples outside that reach into the episode, and the farthest value since. The band is that of
// the worst sample, the only one that is kept. `samples` in time order, `names` of their schemas.
Story TellFeatures(const Anomaly& learned, const std::vector<Sample>& samples,
                   const SchemaNames& names);

// The story of one episode, and of no other: of a learned anomaly its features and the facts that
// held meanwhile; of a fact itself, the other facts, and the features of the learned anomaly during
// which it began. A fact begins when its source says, and is told once. Samples are read from half
// an hour before a learned episode, but not from before the end of the one before it, to six hours
// into it.
Result<Story> ReadStory(const Store& store, const Anomaly& anomaly);

}  // namespace aiops
