// Retention: deletes what is too old, a slice at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/entity.h"
#include "store/sqlite.h"

namespace aiops {

// Before which times rows go.
struct Cutoffs {
  Time samples;    // samples and judgements
  Time anomalies;  // closed anomalies, finished outbox rows, audit entries
};

// Where a pass over all entities stands.
struct RetentionCursor {
  std::int64_t entity_id = 0;  // done up to here
};

struct RetentionSlice {
  std::int64_t samples_deleted = 0;
  std::vector<EntityKey> entities;  // dropped: remembered ids are stale
  bool more = false;
};

// Inside a transaction of the caller. Deletes at most about 1,000 rows and visits at most 256
// entities, so that it takes milliseconds. Open anomalies stay. Entities go with their last row.
Result<RetentionSlice> DeleteSlice(Database& db, const Cutoffs& cutoffs, RetentionCursor& cursor);

}  // namespace aiops
