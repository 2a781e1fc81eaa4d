// Story: what moved first, of everything that is known about one entity's trouble.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/anomaly.h"
#include "store/store.h"

namespace aiops {

struct StoryStep {
  std::optional<Time> time;     // when it began; nullopt: the kept samples do not tell
  std::int64_t anomaly_id = 0;  // whose step it is
  AnomalyKind kind = AnomalyKind::kLearned;
  std::string name;    // of the feature, or of the fact
  std::string object;  // of the fact
  std::string text;    // one sentence
};

// The steps of episodes of one entity, earliest first, those without a time last. A fact begins
// when its source says. A feature of a learned anomaly begins with the first of the successive
// samples outside its expected band that reach into the episode; the band is the one of the
// episode's worst sample. `samples` in time order, `schemas` name their values.
std::vector<StoryStep> TellStory(const std::vector<Anomaly>& episodes,
                                 const std::vector<Sample>& samples,
                                 const std::vector<SchemaRow>& schemas);

// The story of an anomaly and of the entity's other ones that were open at that time, or began
// within half an hour before. At most 20 anomalies and six hours of samples are read.
Result<std::vector<StoryStep>> ReadStory(const Store& store, const Anomaly& anomaly);

}  // namespace aiops
