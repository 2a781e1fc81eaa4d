// The first aiops.yml, commented, for what was found on a machine.
#pragma once

#include <string>

#include "ctl/discovery.h"

namespace aiops {

std::string StarterConfig(const Discovery& found);

}  // namespace aiops
