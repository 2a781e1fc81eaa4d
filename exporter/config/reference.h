// docs/configuration.md, printed from what the getters said about their keys.
#pragma once

#include <string>
#include <vector>

#include "config/section.h"

namespace aiops {

// Markdown: a heading and a table (key, default, allowed, variable, meaning) for each section, in
// the order of the getters.
std::string ConfigurationReference(const std::vector<KeyDoc>& docs);

}  // namespace aiops
