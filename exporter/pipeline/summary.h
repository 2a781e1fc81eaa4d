// Sentences for people about anomalies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/score.h"

namespace aiops {

// Greatest share first; features that did not contribute are left out. At most `most`.
std::vector<Contribution> Contributions(const Scope& scope, const Score& score, size_t most = 11);

// What a sample was about: up to three that left their bands, the greatest share first, also if
// they did not count. Where none did although it was alarming, those that spoke most for it.
std::vector<Contribution> MainFeatures(const Scope& scope, const Score& score);

// "cpu_percent 97 % (expected 20 % to 40 %)", with a remark behind the band.
std::string FeatureText(const Contribution& contribution, std::string_view remark = "");

// "cpu_percent 97 % (expected 20 % to 40 %), network_rx ...": up to three that left their bands;
// where none did, that their combination is unusual.
std::string LearnedSummary(const std::vector<Contribution>& contributions);

}  // namespace aiops
