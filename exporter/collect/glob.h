// Shell patterns (`*`, `?`, `[a-z]`) for the lists of names that users give.
#pragma once

#include <string>
#include <vector>

namespace aiops {

// Whether `name` matches one of `patterns`. `*` also matches '/' and a leading dot.
bool MatchesAnyGlob(const std::vector<std::string>& patterns, const std::string& name);

}  // namespace aiops
