// What people ask of the daemon, whatever the way in: HTTP, aiopsctl, a button.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "base/time.h"
#include "model/anomaly.h"
#include "model/silence.h"

namespace aiops {

struct RunCommand {};     // collect and detect now
struct TrainCommand {};   // fit the models now
struct ReloadCommand {};  // read the configuration again
struct AcknowledgeCommand {
  std::int64_t anomaly_id = 0;
  std::string why;
};
// What somebody found an anomaly to have been: see Mark.
struct MarkCommand {
  std::int64_t anomaly_id = 0;
  Mark mark = Mark::kReal;
  std::string why;
};
// A maintenance window or a mute begins, now or later; its id and author are given when it is
// taken.
struct SilenceCommand {
  Silence silence;
};
// Ends one before its time.
struct EndSilenceCommand {
  SilenceKind kind = SilenceKind::kWindow;
  std::int64_t id = 0;
  std::string why;
};
// An earlier model judges again. Without an id the one before the model in use, of `entity`; an
// empty name is the only one that there is.
struct RollBackCommand {
  std::int64_t model_id = 0;
  std::string scope;
  std::string entity;
  std::string why;
};

// A message that failed, or waits, is sent now, or never.
struct OutboxCommand {
  std::int64_t message_id = 0;
  bool drop = false;
  std::string why;
};

// Executed by the detect thread, one at a time, in order of arrival. All texts are sanitised and
// bounded by whoever makes the command: they go into the audit trail.
struct Command {
  std::variant<RunCommand, TrainCommand, ReloadCommand, AcknowledgeCommand, MarkCommand,
               SilenceCommand, EndSilenceCommand, RollBackCommand, OutboxCommand>
      action;
  std::string by;            // who: the authenticated user, else who they say they are
  std::string via = {};      // the way in: "http", "ctl", "signal"
  std::string address = {};  // of the peer; empty where there is none
};

}  // namespace aiops
