// EarlierFeatures: after the feature list was changed, the model in use judges on, on the features
// that it knows, until one of today's features is adopted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "detectors/detector.h"
#include "model/feature.h"

namespace aiops {

// The scope as it was when its vectors held `names`, in their order. Of a feature that is no longer
// configured there is only its name; it is missing in every sample.
Scope ScopeOf(const Scope& today, const std::vector<std::string>& names);

// A detector of today's features, which learns and as yet has no model, beside the detector of
// earlier ones, which judges: score, level and verdict are its own, of the features that both have.
// Where that finds too few of its features, today's judges. `earlier` is a scope of ScopeOf. Adopt
// ends it. What it keeps as state is today's, as model the one that judges.
std::unique_ptr<Detector> JudgeByEarlierFeatures(std::unique_ptr<Detector> now, const Scope& today,
                                                 std::unique_ptr<Detector> then,
                                                 const Scope& earlier);

}  // namespace aiops
