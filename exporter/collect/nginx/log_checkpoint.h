// What the log collector has to know after a restart to count every line exactly once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/nginx/client_set.h"
#include "collect/nginx/log_bins.h"
#include "collect/nginx/log_file_state.h"
#include "collect/nginx/site_errors.h"

namespace aiops {

// One moment: the offsets, and what all lines before them have left behind that was not told yet.
struct LogCheckpoint {
  ClientHasher::Key key{};
  std::uint32_t fields_seen = 0;  // bits 1 << EntryField of what the lines had
  std::optional<Time> closed;     // the end of what was told
  std::map<std::string, std::vector<LogFileState>> logs;     // by path; oldest file first
  std::vector<std::pair<std::int64_t, BinSlot>> slots;       // by end, in ms
  std::vector<std::pair<std::string, ErrorRun>> error_runs;  // by site
};

// JSON. Paths that are not UTF-8 do not survive: such logs begin afresh.
std::string Serialize(const LogCheckpoint& checkpoint);

// Anything may come back from a damaged database: kCorruption for what was not written by
// Serialize.
Result<LogCheckpoint> ParseLogCheckpoint(std::string_view text);

}  // namespace aiops
