#include "web/page_sources.h"

#include <algorithm>

namespace aiops {

SourceState StateOf(bool works) { return works ? SourceState::kWorks : SourceState::kFails; }

std::vector<SourceCheck> SourcesOf(const View& view) {
  std::vector<SourceCheck> out = view.checklist;
  for (const CollectorView& c : view.collectors) {
    const bool listed = std::any_of(view.checklist.begin(), view.checklist.end(),
                                    [&](const SourceCheck& s) { return s.name == c.name; });
    if (listed) continue;
    out.push_back({c.name, c.ran || c.up ? StateOf(c.up) : SourceState::kWaits,
                   c.up              ? "answers"
                   : c.error.empty() ? "has not answered yet"
                                     : c.error});
  }
  return out;
}

std::string AnswersOf(const View& view) {
  size_t asked = 0, failed = 0;
  for (const SourceCheck& s : SourcesOf(view)) {
    if (s.name == "history") continue;
    failed += s.state == SourceState::kFails ? 1 : 0;
    asked += s.state == SourceState::kFails || s.state == SourceState::kWorks ? 1 : 0;
  }
  if (asked == 0) return "";
  if (asked == 1) return failed == 0 ? "the source answered" : "the source does not work";
  if (failed != 0)
    return std::to_string(failed) + " of " + std::to_string(asked) + " sources" +
           (failed == 1 ? " does" : " do") + " not work";
  return "all " + std::to_string(asked) + " sources answered";
}

}  // namespace aiops
