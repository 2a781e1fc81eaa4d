// Version 6: messages to edge receivers. Before it the table was there, and nothing wrote to it.
namespace aiops {

extern const char kMigration0006[];
const char kMigration0006[] = R"sql(
DROP TABLE outbox;
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver TEXT NOT NULL,
  conversation INTEGER NOT NULL,         -- the id of its first anomaly
  anomaly_id INTEGER NOT NULL,
  occasion INTEGER NOT NULL,      -- Occasion
  urgent INTEGER NOT NULL,
  state INTEGER NOT NULL,         -- OutboxState
  receipt TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  unanswered INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  settled_at INTEGER,
  last_error TEXT NOT NULL);
CREATE INDEX outbox_waits ON outbox(receiver, urgent DESC, id) WHERE state = 0;
CREATE INDEX outbox_states ON outbox(receiver, state);
CREATE INDEX outbox_conversation ON outbox(conversation);
CREATE INDEX outbox_anomaly ON outbox(anomaly_id);
CREATE INDEX outbox_created ON outbox(created_at);
)sql";

}  // namespace aiops
