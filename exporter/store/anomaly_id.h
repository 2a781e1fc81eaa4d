// The greatest anomaly id ever committed: no id is given twice, although anomalies are deleted and
// files set aside. Kept in `counters`.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/sqlite.h"

namespace aiops {

// Inside a transaction of the caller. A smaller id changes nothing.
Result<void> SaveAnomalyId(Database& db, std::int64_t id);

// Raises `greatest` to what the database knows; if that is less, the database learns it, durably.
Result<void> AgreeOnAnomalyId(Database& db, std::int64_t& greatest);

// What can still be read of a damaged database; 0: nothing.
std::int64_t SalvageAnomalyId(Database& db);

}  // namespace aiops
