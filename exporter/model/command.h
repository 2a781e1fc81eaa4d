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

// Executed by the detect thread, one at a time, in order of arrival. All texts are sanitised and
// bounded by whoever makes the command: they go into the audit trail.
struct Command {
  std::variant<RunCommand, TrainCommand, ReloadCommand, AcknowledgeCommand> action;
  std::string by;            // who: the authenticated user, else who they say they are
  std::string via = {};      // the way in: "http", "ctl", "signal"
  std::string address = {};  // of the peer; empty where there is none
};

}  // namespace aiops
