#include "store/store_impl.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "store/anomaly_id.h"
#include "store/connect.h"

namespace aiops {

Store::Impl::Impl(const StoreOptions& o, std::string absolute_path, Clock& c)
    : busy_timeout(o.busy_timeout),
      path(std::move(absolute_path)),
      memory(path == ":memory:"),
      clock(c),
      readers(path, o.busy_timeout),
      retention_samples(o.retention_samples),
      retention_anomalies(o.retention_anomalies) {}

Store::Impl::~Impl() {
  std::lock_guard guard(writer_mutex);
  const auto blocked = readers.Block();
  if (writer == nullptr) return;
  SaveSampleRows();
  if (!memory && FilesNow() != files) writer->Abandon();
  writer.reset();
}

Store::Impl::Files Store::Impl::FilesNow() const {
  return {IdentityOf(path), IdentityOf(path + "-wal"), IdentityOf(path + "-shm")};
}

Result<void> Store::Impl::Write(const std::function<Result<void>(Database&)>& body) {
  std::lock_guard guard(writer_mutex);
  auto outcome = TryWrite(body);
  if (!outcome && corrupt_seen) outcome = TryWrite(body);
  NoteOutcome(outcome);
  if (outcome) return {};
  Error error = std::move(outcome).error();
  if (error.kind != ErrorKind::kInvalidArgument) error.kind = ErrorKind::kUnavailable;
  return error;
}

Result<bool> Store::Impl::TryWrite(const std::function<Result<void>(Database&)>& body) {
  if (auto ensured = EnsureWriter(); !ensured) {
    Error error = std::move(ensured).error();
    if (error.kind == ErrorKind::kInvalidArgument) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  const std::int64_t before = writer->total_changes();
  auto outcome = body(*writer);
  if (outcome) return writer->total_changes() > before;
  entity_ids.clear();
  if (memory) return std::move(outcome).error();
  if (writer->Damaged()) {
    corrupt_seen = true;
  } else if (writer->NeedsReopen()) {
    CloseWriter();
  }
  return std::move(outcome).error();
}

Result<void> Store::Impl::EnsureWriter() {
  if (memory && writer != nullptr) return {};
  if (writer == nullptr) {
    file_changed = file_changed || FilesNow()[0] != files[0];
    return OpenWriter();
  }
  if (corrupt_seen) {
    const auto blocked = readers.Block();
    return SetAsideDamaged();
  }
  const Files now = FilesNow();
  if (now == files) return {};
  LogWarn("database file was moved or deleted while in use, opening it anew", {{"path", path}});
  file_changed = now[0] != files[0];
  if (!file_changed) {
    // Only -wal or -shm is gone: what this connection still holds of it goes into the database
    // first.
    static_cast<void>(writer->Execute("PRAGMA wal_checkpoint(PASSIVE)").has_value());
  }
  return OpenWriter();
}

// The names may be another database's by now, so nothing is checkpointed or removed.
void Store::Impl::CloseWriter() {
  if (writer != nullptr) writer->Abandon();
  writer.reset();
  entity_ids.clear();
}

Result<void> Store::Impl::OpenWriter() {
  const auto blocked = readers.Block();
  auto opened = TryOpenWriter();
  if (opened || opened.error().kind != ErrorKind::kCorruption || memory) return opened;
  return SetAsideDamaged();
}

Result<void> Store::Impl::SetAsideDamaged() {
  CloseWriter();
  AIOPS_TRY(const std::string aside, SetAside(path, clock.Now()));
  corrupt_seen = false;
  file_changed = true;
  LogError("database is damaged: it was set aside and a new one is begun",
           {{"path", path}, {"set_aside", aside}});
  {
    std::lock_guard guard(info_mutex);
    health.set_aside = aside;
  }
  return TryOpenWriter();
}

// A full disk takes a transaction that changes nothing, so only one that did shows that all is
// well.
void Store::Impl::NoteOutcome(const Result<bool>& wrote) {
  std::lock_guard guard(info_mutex);
  if (wrote && !*wrote) return;
  if (!wrote) ++health.commit_failures;
  if (!wrote && wrote.error().kind == ErrorKind::kInvalidArgument) return;
  health.up = wrote.has_value();
  health.error = wrote ? std::string() : wrote.error().message;
}

void Store::Impl::NoteAnomalyId(std::int64_t id) {
  std::lock_guard guard(info_mutex);
  greatest_anomaly_id = std::max(greatest_anomaly_id, id);
}

Cutoffs Store::Impl::CutoffsAt(Time now) const {
  std::lock_guard guard(info_mutex);
  return {now - retention_samples, now - retention_anomalies};
}

void Store::Impl::NoteDamagedRow(const Error& error) {
  std::lock_guard guard(info_mutex);
  if (health.damaged_rows++ == 0)
    LogWarn("a stored row is damaged and left out", {{"err", error.message}});
}

void Store::Impl::SaveSampleRows() {
  std::int64_t rows = 0;
  {
    std::lock_guard guard(info_mutex);
    rows = health.sample_rows;
  }
  // Only an approximation for /metrics: a failure here is nobody's business.
  static_cast<void>(
      writer->Run("INSERT OR REPLACE INTO counters(name, value) VALUES('sample_rows', ?1)", rows)
          .has_value());
}

Result<void> Store::Impl::Prepare(Database& db) {
  std::int64_t greatest = 0;
  {
    std::lock_guard guard(info_mutex);
    greatest = greatest_anomaly_id;
  }
  auto ready = CheckAndMigrate(db, clock.Now());
  if (ready) ready = AgreeOnAnomalyId(db, greatest);
  if (!ready && ready.error().kind == ErrorKind::kCorruption) greatest = SalvageAnomalyId(db);
  NoteAnomalyId(greatest);
  return ready;
}

Result<void> Store::Impl::TryOpenWriter() {
  CloseWriter();
  if (!memory) {
    AIOPS_TRY_VOID(MakeFolderOf(path));
    if (!file_lock.StillNamed()) {
      AIOPS_TRY(file_lock, FileLock::Acquire(path));
    }
    if (!database_lock.StillNamed()) {
      AIOPS_TRY(database_lock, FileLock::AcquireItself(path));
    }
  }
  AIOPS_TRY(auto connected, ConnectWriter(path, busy_timeout));
  AIOPS_TRY_VOID(Prepare(*connected));
  writer = std::move(connected);
  files = FilesNow();
  retention = {};
  AIOPS_TRY(const std::int64_t rows, ApproximateSampleRows(*writer));
  std::lock_guard guard(info_mutex);
  health.sample_rows = rows;
  if (std::exchange(file_changed, false)) ++health.files_begun;
  return {};
}

}  // namespace aiops
