// The readers of Config's parts, one per subject. Not for other rooms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/section.h"

namespace aiops {

DetectConfig ReadDetect(const Section& detect, Duration collect_interval, Duration retention);

NotifyConfig ReadNotify(const Section& notify);
// A schedule that fires at all.
Cron ReadCron(const Section& section, std::string_view key, std::string_view fallback, Spec spec);

std::vector<FactRule> ReadFactRules(const Section& root, const std::vector<FactInfo>& known);
std::vector<FactPolicy> ReadFactPolicies(const Section& root, const std::vector<FactInfo>& known);

// `prometheus`: whether a Prometheus is configured.
std::vector<Scope> ReadScopes(const Section& root, Duration collect_interval, bool prometheus,
                              const std::vector<std::string>& sources);

// The shipped feature that counts the requests behind the shipped ratios.
inline constexpr const char* kShippedCounter = "request_rate";

// The five features of the machine as PromQL over node_exporter, or "" for another name.
std::string ShippedPromql(std::string_view feature);

// [a-z][a-z0-9_]*, at most 64 bytes: what names of features, scopes and facts look like.
bool IsSafeName(std::string_view name);
inline constexpr std::string_view kSafeName =
    "want lower-case letters, digits and underscores, a letter first, at most 64";

// "found '<text>', want ...", as the getters say it.
std::string Found(std::string_view text, std::string_view want);

}  // namespace aiops
