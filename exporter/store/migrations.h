// The schema's history: every database is brought to the newest version, step by step.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/sqlite.h"

namespace aiops {

// SQL that brings a database from version - 1 to version (kept in PRAGMA user_version).
struct Migration {
  int version;
  const char* sql;
};

// In order, without gaps, from 1. Released ones never change.
std::span<const Migration> AllMigrations();

// Brings the database to the last of `migrations`, each step in one durable transaction. Before
// each step of an existing database a copy is kept as <path>.backup-v<version>. InvalidArgument:
// the database is newer than this program, or it belongs to another program.
Result<void> Migrate(Database& db, std::span<const Migration> migrations, Time now);

}  // namespace aiops
