// ZoneRules: local time and back in a TimeZone; the one place that asks the tz library.
//
// A local time is written as a Time: the instant at which UTC clocks would show it.
#pragma once

#include <optional>

#include "base/time.h"
#include "config/cron.h"

namespace aiops {

// What a local time means: one instant, none (a gap: then `first` is the gap's end), or two.
struct Instants {
  enum class Kind { kUnique, kGap, kTwice };
  Kind kind = Kind::kUnique;
  Time first;
  Time second;  // for kTwice
};

// Never throws.
class ZoneRules {
 public:
  explicit ZoneRules(const TimeZone& zone) : zone_(zone.zone_) {}
  Time ToLocal(Time t) const;
  Instants FromLocal(Time local) const;

 private:
  const void* zone_;
};

}  // namespace aiops
