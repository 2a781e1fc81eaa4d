// What SQLite's result codes mean to a person and to a caller.
#pragma once

#include <string>

#include "base/result.h"

namespace aiops {

// A sentence that says what is wrong with which file and what to do; `system_errno`: 0, or why the
// system refused. The kind tells:
// - Unavailable: full, locked, I/O, permissions, memory; the same again may succeed.
// - InvalidArgument: it can never be written; a constraint, or a value over SQLite's limits.
// - Corruption: the file is damaged or no database.
// - Internal: the rest; this program and the file's schema do not fit together.
Error SqliteError(int code, const std::string& path, const std::string& message, int system_errno);

}  // namespace aiops
