// What people ask of the daemon, whatever the way in: HTTP, aiopsctl, a button.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "base/time.h"

namespace aiops {

struct RunCommand {};     // collect and detect now
struct TrainCommand {};   // fit the models now
struct ReloadCommand {};  // read the configuration again
struct AcknowledgeCommand {
  std::int64_t anomaly_id = 0;
  std::string why;
};

// Executed by the detect thread, one at a time, in order of arrival.
struct Command {
  std::variant<RunCommand, TrainCommand, ReloadCommand, AcknowledgeCommand> action;
  std::string by;  // who: "http 127.0.0.1", "signal", a user's name; sanitised, for the audit trail
};

}  // namespace aiops
