// How trained models become rows: of each entity one is in use, and few others are kept.
#pragma once

#include "base/result.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace aiops {

// The changes' models, inside a transaction of the caller.
Result<void> WriteModels(Database& db, const Changes& changes);

}  // namespace aiops
