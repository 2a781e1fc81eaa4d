// Sentences for people about anomalies.
#pragma once

#include <string>
#include <vector>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/score.h"

namespace aiops {

// Greatest share first; features that did not contribute are left out. At most `most`.
std::vector<Contribution> Contributions(const Scope& scope, const Score& score, size_t most = 11);

// "cpu_percent 97 % (expected 20 % to 40 %), network_rx ...": up to three that left their bands;
// where none did, that their combination is unusual.
std::string LearnedSummary(const std::vector<Contribution>& contributions);

}  // namespace aiops
