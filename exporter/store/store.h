// Store: everything that must survive, in one SQLite file.
//
// One process holds the file (a lock beside it), one connection writes and checkpoints
// (mutex-guarded, short transactions, never held over other I/O), readers have their own.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/anomaly.h"
#include "model/evidence.h"
#include "model/judgement.h"
#include "model/model_record.h"
#include "model/notification.h"
#include "model/sample.h"
#include "model/silence.h"

namespace aiops {

// A collector's place in its source.
struct Checkpoint {
  std::string collector;
  std::string value;  // opaque, may hold any byte
};

// Named state: a detector's snapshot, how far history was read. `watermark`: the last sample in it.
struct StateBlob {
  std::string name;
  std::uint64_t schema = 0;
  Time watermark;
  std::string value;
};

// A trained model with what is said of it. One that was not taken has no value.
struct StoredModel {
  ModelRecord record;
  std::string value;  // opaque, may hold any byte
};

// Who asked for what, when, and what became of it.
struct AuditEntry {
  std::int64_t id = 0;  // given by the store, in order of arrival
  Time time;
  std::string action;  // "acknowledge", "run", ...
  std::string object;  // what it was done to: "anomaly 17"; empty: the daemon itself
  std::string by;      // model/command.h
  std::string address;
  std::string via;
  int status = 200;    // in HTTP's terms; from 400 on it changed nothing
  std::string result;  // the same in words
  std::string text;    // what the person said about it
};

// The newest so many entries are kept, whatever their age, so that nobody can fill the disk by
// asking.
inline constexpr std::int64_t kMaxAuditEntries = 20'000;

// Sets and clears flags of stored samples, of [from, until].
struct Reflag {
  std::string scope;   // empty: every scope
  std::string entity;  // empty: every entity
  Time from;
  Time until;
  std::uint32_t set = 0;  // SampleFlag bits
  std::uint32_t clear = 0;
};

// The features of a schema in the order of its vectors, so that samples stay readable after
// features were added, removed or reordered. They are few and never deleted, also if no sample uses
// one.
struct SchemaRow {
  std::uint64_t schema = 0;
  std::vector<std::string> features;
};

// What one transaction stores together. synchronous=FULL if it has anomalies, outbox rows or audit
// entries of what was done, else NORMAL. Samples and judgements of a key and time that exist are
// replaced; anomalies and outbox rows are upserted by id (an outbox row with id 0 gets one),
// schemas by their hash.
struct Changes {
  std::vector<Sample> samples;
  std::vector<std::pair<EntityKey, Labels>> entities;  // labels of entities that are new or changed
  std::vector<Checkpoint> checkpoints;
  std::vector<Judgement> judgements;
  std::vector<Anomaly> anomalies;
  std::vector<OutboxRow> outbox;
  std::vector<StateBlob> state;
  std::vector<std::string> drop_state;  // names
  std::vector<AuditEntry> audit;
  std::vector<SchemaRow> schemas;
  std::vector<Silence> silences;  // upserted by id
  std::vector<Reflag> reflags;    // after the samples

  // Trained ones. One in use makes the one that was an earlier one; of the same moment it takes its
  // place, so that it may be told twice. Those of its entity that are too many are deleted with it.
  std::vector<StoredModel> models;
  size_t earlier_models =
      3;  // kept of an entity, those that were used last; of the others the newest
  std::vector<ModelRecord> use_models;  // earlier ones, by id: in use from `used_from` on
  std::vector<EntityKey> drop_models;   // all of these entities
  bool empty() const;
};

struct SampleQuery {
  EntityKey key;
  Time after;                           // exclusive
  Time until;                           // inclusive
  std::optional<std::uint64_t> schema;  // only samples of this schema
  size_t limit = 0;                     // 0: all; else the newest so many
};

struct AnomalyQuery {
  std::optional<Time> since;  // open, or last seen at or after
  std::optional<Time> until;  // started before
  std::optional<std::string> entity, scope;
  std::optional<AnomalyKind> kind;
  std::optional<AnomalyState> state;
  std::optional<Severity> severity;
  std::optional<std::int64_t> before_id;  // the cursor: newest first, ids below this one
  size_t limit = 100;                     // 0: all
  std::optional<Time> ended_since;        // only closed ones that ended at or after
  std::optional<bool> acknowledged;
  bool marked = false;  // only those that somebody called real or expected
};

struct ModelQuery {
  std::optional<std::string> entity, scope;
  std::optional<ModelState> state;
  std::optional<std::int64_t> before_id;  // the cursor: newest first, ids below this one
  size_t limit = 100;                     // 0: all
};

struct OutboxQuery {
  std::optional<std::string> receiver;
  std::optional<OutboxState> state;
  std::optional<std::int64_t> id, anomaly_id, conversation;
  std::optional<std::int64_t> before_id;  // the cursor: newest first, ids below this one
  std::optional<Time> due;                // only those that wait, and may be sent at this time:
                                          // the urgent ones first, then the oldest
  size_t limit = 100;                     // 0: all
};

using OutboxCounts = std::map<OutboxState, std::int64_t>;

// Of one receiver: its rows, and when the first that waits may be sent.
struct OutboxQueue {
  OutboxCounts rows;
  std::optional<Time> next;
  std::int64_t waiting() const {
    const auto it = rows.find(OutboxState::kPending);
    return it == rows.end() ? 0 : it->second;
  }
};

struct AuditQuery {
  std::optional<Time> since;
  std::optional<std::int64_t> before_id;  // the cursor: newest first, ids below this one
  size_t limit = 100;                     // 0: all
};

// What one call of DeleteExpired did.
struct Expired {
  bool more = false;                // call again soon
  std::vector<EntityKey> entities;  // of which nothing is left: neither samples, judgements, labels
};

struct StoreHealth {
  bool up = true;     // false since a write failed, until one succeeds that changed something
  std::string error;  // why not, and what to do
  std::int64_t database_bytes = 0;
  std::int64_t wal_bytes = 0;
  std::int64_t sample_rows = 0;  // approximate, kept without counting
  std::uint64_t commit_failures = 0;
  std::uint64_t damaged_rows = 0;  // rows that did not decode and were left out of an answer
  std::string set_aside;           // the corrupt file that was replaced last, if any
  std::uint64_t files_begun = 0;  // in place of one that was corrupt, moved or deleted while in use
};

struct StoreOptions {
  std::string path = ":memory:";
  Duration retention_samples = hours(24 * 30);
  Duration retention_anomalies = hours(24 * 365);
  Duration busy_timeout = seconds(2);  // how long a commit waits for another program's lock
};

class Store {
 public:
  // Makes the folder and the file, takes the lock, migrates (a copy is kept before). Errors:
  // another process holds it (IsHeld; exit code 3), the folder is not writable (Unauthorized), the
  // database is newer than this program, or not usable by it at all (InvalidArgument), the disk is
  // full, another program has locked it, I/O (Unavailable). A corrupt file is set aside as
  // <path>.corrupt-<time> and a new one begun.
  static Result<std::unique_ptr<Store>> Open(const StoreOptions& options, Clock& clock);
  // Whether an error of Open, also one that was wrapped, says that another process holds the
  // database. The kind alone does not tell: Unavailable is a full disk as well.
  static bool IsHeld(const Error& error);
  ~Store();

  // All or nothing. Errors are of two kinds. InvalidArgument: these changes can never be stored (a
  // constraint, a value over SQLite's limits), drop them; the store is as well as it was.
  // Unavailable: the database is at fault (full, locked, I/O, permissions, another file in its
  // place), try again; health() tells. commit_failures counts both.
  // A file that was moved or deleted is opened anew; one found corrupt is set aside and the commit
  // goes into a new one, which holds nothing else: commit again what must be in it
  // (health().files_begun counts it, set_aside names a corrupt one).
  Result<void> Commit(const Changes& changes);

  // Lists leave out a row that does not decode (health().damaged_rows counts it); a single row that
  // does not is a Corruption error.

  // In time order.
  Result<std::vector<Sample>> ReadSamples(const SampleQuery& query) const;
  // All entities of a scope that have samples after `since`, newest sample's time each.
  struct EntityRow {
    EntityKey key;
    Labels labels;
    Time last_sample;
  };
  Result<std::vector<EntityRow>> ReadEntities(const std::string& scope, Time since) const;
  // When the nearest samples were taken: the newest at or before `time`, the oldest after it.
  // Without a key: of any entity, and only those that were not read later than they happened, so
  // that they tell when the daemon ran.
  struct Neighbours {
    std::optional<Time> before, after;
  };
  Result<Neighbours> SamplesAround(const std::optional<EntityKey>& key, Time time) const;
  // Both ends inclusive, in time order.
  Result<std::vector<Judgement>> ReadJudgements(const EntityKey& key, Window range) const;
  Result<std::vector<Anomaly>> ReadAnomalies(const AnomalyQuery& query) const;
  Result<std::optional<Anomaly>> ReadAnomaly(std::int64_t id) const;
  // The greatest id ever committed, also if its anomaly was deleted since or its file set aside
  // (of one that was damaged while nothing ran: as far as it can still be read). Never fails.
  Result<std::int64_t> MaxAnomalyId() const;
  Result<std::vector<SchemaRow>> ReadSchemas() const;
  Result<std::vector<Silence>> ReadSilences() const;  // all that are kept, by id
  Result<std::vector<Checkpoint>> ReadCheckpoints() const;
  Result<std::optional<StateBlob>> ReadState(const std::string& name) const;
  Result<std::vector<StateBlob>> ReadStates(const std::string& name_prefix) const;

  Result<std::vector<ModelRecord>> ReadModels(const ModelQuery& query) const;  // newest first
  Result<std::optional<StoredModel>> ReadModel(std::int64_t id) const;
  Result<std::optional<StoredModel>> ReadModelInUse(const EntityKey& key) const;

  Result<std::vector<OutboxRow>> ReadOutbox(const OutboxQuery& query) const;
  Result<OutboxQueue> ReadOutboxQueue(const std::string& receiver) const;
  Result<OutboxCounts> CountOutbox() const;                                  // of all receivers
  Result<std::vector<AuditEntry>> ReadAudit(const AuditQuery& query) const;  // newest first

  // Deletes what is older than its retention, one slice (at most ~1,000 rows, under 100 ms) a call.
  Result<Expired> DeleteExpired(Time now);
  // From the next call of DeleteExpired on.
  void SetRetention(Duration samples, Duration anomalies);

  StoreHealth health() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
