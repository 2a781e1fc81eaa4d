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
#include "collect/nginx/container_place.h"
#include "collect/nginx/log_bins.h"
#include "collect/nginx/log_file_state.h"
#include "collect/nginx/site_errors.h"
#include "collect/nginx/site_table.h"

namespace aiops {

// One moment: the offsets, and what all lines before them have left behind that was not told yet.
struct LogCheckpoint {
  ClientHasher::Key key{};
  std::uint32_t fields_seen = 0;  // bits 1 << EntryField of what the lines had
  std::optional<Time> closed;     // the end of what was told
  std::optional<Time> sites_from;
  std::map<std::string, std::vector<LogFileState>> logs;  // by path; oldest file first
  LogBins::Slots slots;
  std::vector<std::pair<SiteId, KnownSite>> sites;
  std::vector<std::pair<std::string, ErrorRun>> error_runs;  // by site
  std::map<std::string, std::string> readers;                // LineReader::State by path
  ContainerCheckpoint containers;
};

// JSON, with those slots beside its own: they are large, and need not be copied. Paths that are not
// UTF-8 do not survive: such logs begin afresh. A usual minute takes a few KB; a slot at most
// 16 KiB for the clients of each site, all together no more than LogBins may hold.
std::string Serialize(const LogCheckpoint& checkpoint, LogBins::Slots::const_iterator first,
                      LogBins::Slots::const_iterator last);

// Anything may come back from a damaged database: kCorruption for what was not written by
// Serialize. What version 0.1 wrote can be read.
Result<LogCheckpoint> ParseLogCheckpoint(std::string_view text);

}  // namespace aiops
