// PartOfPeriod: which of the equal parts of a day, or of a week, a local time lies in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace aiops {

// `local`: since the beginning of any period; also negative ones. Less than `parts`.
constexpr size_t PartOfPeriod(Duration local, Duration period, size_t parts) {
  const auto whole = period.count();
  const auto within = ((local.count() % whole) + whole) % whole;
  return static_cast<size_t>(within * static_cast<std::int64_t>(parts) / whole);
}

}  // namespace aiops
