// How a set of changes becomes rows.
#pragma once

#include <cstdint>
#include <map>

#include "base/result.h"
#include "model/entity.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace aiops {

// Entity -> its row's id, so that a commit need not look it up. Forget it when a transaction fails.
using EntityIds = std::map<EntityKey, std::int64_t>;

Durability DurabilityOf(const Changes& changes);
std::int64_t GreatestAnomalyId(const Changes& changes);  // 0: none

// Inside a transaction of the caller. Returns how many samples are new.
Result<std::int64_t> WriteChanges(Database& db, EntityIds& ids, const Changes& changes);

}  // namespace aiops
