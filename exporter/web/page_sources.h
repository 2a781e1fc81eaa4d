// The sources as the page of /status lists them, and what is said of all of them at once.
#pragma once

#include <string>
#include <vector>

#include "pipeline/view.h"

namespace aiops {

SourceState StateOf(bool works);
// Those of the checklist, and collectors that it does not name.
std::vector<SourceCheck> SourcesOf(const View& view);
// Of those that are asked, as the marks beside them say it: "all 3 sources answered", "1 of 3
// sources does not work"; empty: none is.
std::string AnswersOf(const View& view);

}  // namespace aiops
