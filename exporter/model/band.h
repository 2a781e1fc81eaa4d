// The expected band of a feature: where it can lie at all, and what is outside of it.
#pragma once

#include <string>
#include <vector>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/score.h"

namespace aiops {

// False where the value is missing or no band is known.
bool IsOutside(double value, double lower, double upper);

// Cuts each band to what its feature can be: shares 0 to 1, % 0 to 100; rates, sizes, clients, and
// whatever counts at a source of ours (not PromQL) not below 0. A feature whose value or mean lies
// beyond that is something else, so its band stays. What is outside a band is so before and after.
void ClampBands(const Scope& scope, Score& score);

// The greatest contributions that are not within their bands, in their order; at most `most`.
std::vector<Contribution> Deviating(const std::vector<Contribution>& contributions, size_t most);

// "an unusual combination of values that are usual each by itself: cpu_percent 97 %, ...": what to
// say where nothing deviates. At most `most` are named.
std::string CombinationText(const std::vector<Contribution>& contributions, size_t most);

}  // namespace aiops
