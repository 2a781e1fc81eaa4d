// Version 1. Times are milliseconds since the epoch, UTC. NULL in a REAL column is a missing
// number.
namespace aiops {

extern const char kMigration0001[];
const char kMigration0001[] = R"sql(
CREATE TABLE entities(
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  labels BLOB NOT NULL,           -- PackLabels
  UNIQUE(scope, name));

-- One row holds all features of an entity at a tick: integer keys and one packed vector.
CREATE TABLE samples(
  entity_id INTEGER NOT NULL,
  time INTEGER NOT NULL,
  schema INTEGER NOT NULL,        -- SchemaHash, as a signed number
  flags INTEGER NOT NULL,         -- SampleFlag bits
  vector BLOB NOT NULL,           -- PackValues
  PRIMARY KEY(entity_id, time)) WITHOUT ROWID;

-- Which features a vector of that schema holds, in order.
CREATE TABLE schemas(
  schema INTEGER PRIMARY KEY,     -- SchemaHash, as a signed number
  features BLOB NOT NULL);        -- PackNames

CREATE TABLE judgements(
  entity_id INTEGER NOT NULL,
  time INTEGER NOT NULL,
  score REAL,
  level REAL,
  threshold REAL,
  verdict INTEGER NOT NULL,
  gate INTEGER NOT NULL,
  PRIMARY KEY(entity_id, time)) WITHOUT ROWID;

-- Entities by name: an episode outlives its entity's samples.
CREATE TABLE anomalies(
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  entity TEXT NOT NULL,
  labels BLOB NOT NULL,
  kind INTEGER NOT NULL,
  fact TEXT NOT NULL,
  object TEXT NOT NULL,
  severity INTEGER NOT NULL,
  state INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  ended_at INTEGER,
  score REAL,
  summary TEXT NOT NULL,
  contributions BLOB NOT NULL,    -- PackContributions
  acknowledged_at INTEGER,
  acknowledged_by TEXT NOT NULL,
  acknowledged_why TEXT NOT NULL,
  evidence TEXT NOT NULL,
  root_cause TEXT NOT NULL);
CREATE INDEX anomalies_last_seen ON anomalies(last_seen_at);
CREATE INDEX anomalies_open ON anomalies(state) WHERE state = 0;
CREATE INDEX anomalies_ended ON anomalies(ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE checkpoints(collector TEXT PRIMARY KEY, value BLOB NOT NULL);

CREATE TABLE state(
  name TEXT PRIMARY KEY,
  schema INTEGER NOT NULL,
  watermark INTEGER NOT NULL,
  value BLOB NOT NULL);

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver TEXT NOT NULL,
  anomaly_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  payload BLOB NOT NULL,
  receipt TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  last_error TEXT NOT NULL);

CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  by TEXT NOT NULL,
  what TEXT NOT NULL);

CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
)sql";

}  // namespace aiops
