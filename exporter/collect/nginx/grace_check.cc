#include "collect/nginx/grace_check.h"

#include "base/time.h"

namespace aiops {

void CheckGrace(const Section& nginx, Duration deadline) {
  if (!nginx.Has("grace")) return;
  const Duration grace = nginx.Duration("grace", Duration{}, {.min = "0s", .max = "1m"});
  if (grace < deadline) return;
  nginx.Report("grace", "found " + FormatDuration(grace) + ", want less than collect.deadline (" +
                            FormatDuration(deadline) +
                            "), when the answer is due: lower the one or raise the other");
}

}  // namespace aiops
