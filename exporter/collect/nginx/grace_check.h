// Whether nginx_log's grace can be waited for at all.
#pragma once

#include "config/section.h"

namespace aiops {

// Reports a grace that was set and does not end before `deadline` (collect.deadline): by then the
// answer is due. `nginx`: the section collect.nginx, after the collector has read it.
void CheckGrace(const Section& nginx, Duration deadline);

}  // namespace aiops
