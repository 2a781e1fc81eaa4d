// Opening the one connection that writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/sqlite.h"

namespace aiops {

// Opens or makes the database. WAL, checkpoints by this connection only. InvalidArgument: a file
// system without WAL.
Result<std::unique_ptr<Database>> ConnectWriter(const std::string& path, Duration busy_timeout);

// Corruption: the file is damaged. InvalidArgument: newer, or another program's.
Result<void> CheckAndMigrate(Database& db, Time now);

// Counted if the file is small, else the figure that was last saved.
Result<std::int64_t> ApproximateSampleRows(Database& db);

}  // namespace aiops
