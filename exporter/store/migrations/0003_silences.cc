// Version 3: maintenance windows and mutes; what people found an anomaly to have been.
namespace aiops {

extern const char kMigration0003[];
const char kMigration0003[] = R"sql(
CREATE TABLE silences(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,          -- SilenceKind
  scope TEXT NOT NULL,            -- empty: every scope
  entity TEXT NOT NULL,           -- empty: every entity
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  by TEXT NOT NULL,
  why TEXT NOT NULL);
CREATE INDEX silences_ends ON silences(ends_at);

ALTER TABLE anomalies ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;  -- Mark
ALTER TABLE anomalies ADD COLUMN marked_at INTEGER;
ALTER TABLE anomalies ADD COLUMN marked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE anomalies ADD COLUMN marked_why TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace aiops
