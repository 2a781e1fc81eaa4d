// The expected band of a feature: where it can lie at all, and what is outside of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/score.h"

namespace aiops {

// False where the value is missing or no band is known.
bool IsOutside(double value, double lower, double upper);

// Why a value that deviates does not count by itself: "outside, but by less than counts", "not
// judged: too few events". Empty where no gate of a feature held it back.
std::string_view HeldBack(Gate gate);

// How a value outside its band counts: "unusual", what held it back, or that all features together
// are still usual. Empty where there is nothing to say.
std::string_view RemarkOn(const FeatureScore& feature);

// "20 % to 40 %", "up to 40 %"; empty where no band is known.
std::string BandText(double lower, double upper, const std::string& unit);

// Cuts each band to what its feature can be: shares 0 to 1, % 0 to 100; rates, sizes, clients, and
// whatever counts at a source of ours (not PromQL) not below 0. A feature whose value or mean lies
// beyond that is something else, so its band stays. What is outside a band is so before and after.
void ClampBands(const Scope& scope, Score& score);

// The greatest contributions that are not within their bands, in their order; at most `most`.
std::vector<Contribution> Deviating(const std::vector<Contribution>& contributions, size_t most);

// Whether the greatest of them speaks for more than two thirds: no combination then, but one
// feature whose band has followed it.
bool SpeaksAlone(const std::vector<Contribution>& contributions);

// "an unusual combination of values that are usual each by itself: cpu_percent 97 %, ...": what to
// say where nothing deviates; of one that speaks alone, that its band has followed it. At most
// `most` are named.
std::string CombinationText(const std::vector<Contribution>& contributions, size_t most);

}  // namespace aiops
