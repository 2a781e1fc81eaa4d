// The audit trail: what each command says of itself there, whatever the way in.
#pragma once

#include <string>
#include <string_view>

#include "model/command.h"
#include "pipeline/command_queue.h"
#include "store/store.h"

namespace aiops {

// "run", "train", "reload", "acknowledge", "real", "expected", "window", "mute", "end_window",
// "end_mute", "rollback". A new command does not compile until it has a name here.
std::string_view ActionName(const Command& command);

// The entry for a command that ended so. All texts are bounded.
AuditEntry AuditOf(const Command& command, Time now, const CommandResult& result);

}  // namespace aiops
