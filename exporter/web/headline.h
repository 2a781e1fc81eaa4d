// Headline: the state of everything in one sentence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/view.h"

namespace aiops {

// Reads "<what> [for <now - since>] [until <until>]: <detail>". The times stay apart, because only
// the reader knows the reader's time zone.
struct Headline {
  // "critical", "warning" (open, or an entity's verdict although it is over), "degraded" (something
  // of the daemon's does not work), "unknown" (not everything is judged) or "normal", which is
  // never said while one of the others holds.
  std::string state;
  std::string what;           // "2 critical", "Quiet again", "All quiet"
  std::optional<Time> since;  // when the first of them began
  std::optional<Time> until;  // when the last warm-up ends
  std::string detail;         // "nas: nextcloud exited with 137, and 1 more"; may be empty
};

// `problems`: what does not work, in sentences (/health).
Headline MakeHeadline(const View& view, Time now, const std::vector<std::string>& problems);

}  // namespace aiops
