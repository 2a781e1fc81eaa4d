// The collector's section `collect.nginx`.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "collect/nginx/container_logs.h"
#include "collect/nginx/line_reader.h"
#include "collect/nginx/log_follower.h"
#include "collect/nginx/site_errors.h"
#include "collect/nginx/site_table.h"
#include "config/section.h"

namespace aiops {

struct NginxOptions {
  std::vector<std::string> logs;
  Duration grace{};
  StartAt start = StartAt::kTail;
  LineOptions lines;
  ContainerOptions containers;  // read as `lines`, but never wrapped
  SiteErrorsOptions errors_only;
  SiteOptions sites;
};

// Declares, reads and checks all keys; problems go to the section's document. `interval` and
// `deadline` of the tick: a grace that was set must end before the latter.
NginxOptions ReadNginxOptions(const Section& section, Duration interval, Duration deadline);

}  // namespace aiops
