#include "store/retention.h"

#include <string>

namespace aiops {
namespace {

constexpr std::int64_t kRowsPerSlice = 1000;
constexpr int kEntitiesPerSlice = 256;

// Deletes the oldest rows of one entity, at most `limit`. `table` is ours, never input.
Result<std::int64_t> DeleteOldest(Database& db, const std::string& table, std::int64_t entity_id,
                                  Time before, std::int64_t limit) {
  AIOPS_TRY_VOID(db.Run("DELETE FROM " + table +
                            " WHERE entity_id = ?1 AND time IN (SELECT time FROM " + table +
                            " WHERE entity_id = ?1 AND time < ?2 ORDER BY time LIMIT ?3)",
                        entity_id, before, limit));
  return db.changes();
}

Result<void> DropIfEmpty(Database& db, std::int64_t entity_id, std::vector<EntityKey>& dropped) {
  AIOPS_TRY(Statement rows,
            db.Prepare("DELETE FROM entities WHERE id = ?1 "
                       "AND NOT EXISTS(SELECT 1 FROM samples WHERE entity_id = ?1) "
                       "AND NOT EXISTS(SELECT 1 FROM judgements WHERE entity_id = ?1) "
                       "RETURNING scope, name"));
  rows.Bind(entity_id);
  while (true) {
    AIOPS_TRY(const bool row, rows.Step());
    if (!row) return {};
    dropped.push_back({std::string(rows.Text(0)), std::string(rows.Text(1))});
  }
}

Result<std::int64_t> NextEntity(Database& db, std::int64_t after) {
  AIOPS_TRY(Statement next,
            db.Prepare("SELECT id FROM entities WHERE id > ?1 ORDER BY id LIMIT 1"));
  AIOPS_TRY(const bool found, next.Bind(after).Step());
  return found ? next.Int(0) : 0;
}

// Returns the rows left of the budget; 0 means that this slice is full.
Result<std::int64_t> DeleteOfEntities(Database& db, Time before, RetentionCursor& cursor,
                                      RetentionSlice& slice) {
  std::int64_t budget = kRowsPerSlice;
  for (int visited = 0; visited < kEntitiesPerSlice; ++visited) {
    AIOPS_TRY(const std::int64_t id, NextEntity(db, cursor.entity_id));
    if (id == 0) return budget;
    AIOPS_TRY(const std::int64_t samples, DeleteOldest(db, "samples", id, before, budget));
    AIOPS_TRY(const std::int64_t judgements,
              DeleteOldest(db, "judgements", id, before, budget - samples));
    slice.samples_deleted += samples;
    budget -= samples + judgements;
    if (samples + judgements > 0) AIOPS_TRY_VOID(DropIfEmpty(db, id, slice.entities));
    if (budget <= 0) return 0;  // this entity may have more
    cursor.entity_id = id;
  }
  return 0;
}

Result<std::int64_t> DeleteEpisodes(Database& db, Time before, std::int64_t budget) {
  static constexpr const char* kDeletes[] = {
      "DELETE FROM anomalies WHERE id IN (SELECT id FROM anomalies WHERE last_seen_at < ?1 "
      "AND state <> 0 LIMIT ?2)",
      "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < ?1 "
      "AND state > 1 LIMIT ?2)",
      "DELETE FROM silences WHERE id IN (SELECT id FROM silences WHERE ends_at < ?1 LIMIT ?2)",
      "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE time < ?1 LIMIT ?2)",
  };
  for (const char* sql : kDeletes) {
    AIOPS_TRY_VOID(db.Run(sql, before, budget));
    budget -= db.changes();
  }
  return budget;
}

}  // namespace

Result<RetentionSlice> DeleteSlice(Database& db, const Cutoffs& cutoffs, RetentionCursor& cursor) {
  RetentionSlice slice;
  AIOPS_TRY(std::int64_t budget, DeleteOfEntities(db, cutoffs.samples, cursor, slice));
  if (budget > 0) {
    AIOPS_TRY(budget, DeleteEpisodes(db, cutoffs.anomalies, budget));
  }
  slice.more = budget <= 0;
  if (!slice.more) cursor = {};
  return slice;
}

}  // namespace aiops
