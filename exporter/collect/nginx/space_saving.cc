#include "collect/nginx/space_saving.h"

#include <algorithm>

namespace aiops {

void SpaceSaving::Add(std::string_view key, int status) {
  Index at = Find(key);
  if (at == kNone) at = TakeOver(key);
  Counter& counter = counters_[at];
  ++counter.count;
  if (status >= 400 && status < 500) ++counter.errors_4xx;
  if (status >= 500 && status < 600) ++counter.errors_5xx;
}

SpaceSaving::Index SpaceSaving::Find(std::string_view key) {
  Index at = *ChainOf(key);
  while (at != kNone && counters_[at].key != key) at = next_[at];
  return at;
}

SpaceSaving::Index SpaceSaving::TakeOver(std::string_view key) {
  Index at = static_cast<Index>(counters_.size());
  if (at < kCounters) {
    counters_.emplace_back();
  } else {
    at = Least();
    Index* link = ChainOf(counters_[at].key);
    while (*link != at) link = &next_[*link];
    *link = next_[at];
  }
  Counter& counter = counters_[at];
  counter.key.assign(key);  // keeps its memory
  counter.error = counter.count;
  counter.errors_4xx = 0;
  counter.errors_5xx = 0;
  Index* chain = ChainOf(key);
  next_[at] = *chain;
  *chain = at;
  return at;
}

// Counts only grow, so that a scan may go on where the last one found the least.
SpaceSaving::Index SpaceSaving::Least() {
  for (; scan_ < counters_.size(); ++scan_) {
    if (counters_[scan_].count == least_) return static_cast<Index>(scan_);
  }
  const auto least =
      std::min_element(counters_.begin(), counters_.end(),
                       [](const Counter& a, const Counter& b) { return a.count < b.count; });
  least_ = least->count;
  scan_ = static_cast<size_t>(least - counters_.begin());
  return static_cast<Index>(scan_);
}

}  // namespace aiops
