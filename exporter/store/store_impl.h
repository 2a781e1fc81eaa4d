// What stands behind Store: the writer and its file, the readers, the health.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "store/files.h"
#include "store/lock.h"
#include "store/readers.h"
#include "store/retention.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "store/write.h"

namespace aiops {

struct Store::Impl {
  Impl(const StoreOptions& options, std::string absolute_path, Clock& clock);
  ~Impl();

  // Runs `body` with the writer, which is opened anew first if that is needed. A file found corrupt
  // is set aside and the body runs once more, on a new one. Keeps the health. InvalidArgument is
  // always the body's; all other errors, also of a writer that cannot be opened, are Unavailable.
  Result<void> Write(const std::function<Result<void>(Database&)>& body);

  // Runs `body(Database&)`, which returns a Result, with a reader (of ":memory:": with the writer).
  template <class Body>
  auto Read(Body body) -> decltype(body(std::declval<Database&>())) {
    if (memory) {
      std::lock_guard guard(writer_mutex);
      return body(*writer);
    }
    auto lease = readers.Borrow();
    if (!lease) {  // a new connection reads the schema
      if (lease.error().kind == ErrorKind::kCorruption) corrupt_seen = true;
      return std::move(lease).error();
    }
    auto answer = body(lease->db());
    if (lease->db().Damaged()) corrupt_seen = true;
    return answer;
  }

  void NoteDamagedRow(const Error& error);
  void NoteAnomalyId(std::int64_t id);
  Cutoffs CutoffsAt(Time now) const;

  // The files that the writer has open, as their names said when it opened them: database, -wal,
  // -shm.
  using Files = std::array<FileIdentity, 3>;
  Files FilesNow() const;

  // All below require writer_mutex.
  Result<void> EnsureWriter();
  Result<void> OpenWriter();
  Result<void> TryOpenWriter();    // requires blocked readers
  Result<void> SetAsideDamaged();  // requires blocked readers
  Result<bool> TryWrite(const std::function<Result<void>(Database&)>& body);  // whether it wrote
  void CloseWriter();
  Result<void> Prepare(Database& db);  // a newly opened one
  void NoteOutcome(const Result<bool>& wrote);
  void SaveSampleRows();

  const Duration busy_timeout;
  const std::string path;
  const bool memory;
  Clock& clock;
  FileLock file_lock;  // outlives every connection, as the next
  FileLock database_lock;

  std::mutex writer_mutex;
  std::unique_ptr<Database> writer;  // null while it cannot be opened
  Files files{};
  EntityIds entity_ids;
  RetentionCursor retention;
  bool file_changed = false;  // the next file that is opened is another one than before

  ReaderPool readers;
  std::atomic<bool> corrupt_seen =
      false;  // by a reader or the writer: the next write sets the file aside

  mutable std::mutex info_mutex;  // held for a moment, never while waiting
  Duration retention_samples;
  Duration retention_anomalies;
  std::int64_t greatest_anomaly_id = 0;
  StoreHealth health;  // sizes are filled in when asked
};

}  // namespace aiops
