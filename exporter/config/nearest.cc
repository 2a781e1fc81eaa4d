#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/section.h"

namespace aiops {
namespace {

// Optimal string alignment: insert, delete, replace, swap of neighbours.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr size_t kMaxDistance = 3;
  size_t best = kMaxDistance + 1;
  std::string nearest;
  for (const auto& candidate : known) {
    const size_t longer = std::max(word.size(), candidate.size());
    const size_t gap = longer - std::min(word.size(), candidate.size());
    if (gap > kMaxDistance) continue;
    const size_t distance = EditDistance(word, candidate);
    // Of a short word too little may change, or anything resembles anything.
    if (distance < best && distance * 2 <= longer) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace aiops
