#include "store/store.h"

#include <filesystem>
#include <fstream>
#include <string_view>

#include "store/store_impl.h"

namespace aiops {
namespace {

// A file that no store has ever held and that does not begin as a database does is somebody's own:
// it is not set aside as a damaged one.
Result<void> RefuseForeignFile(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  // To open a fifo may take for ever.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
      !std::filesystem::is_directory(status))
    return InvalidArgument(path + " is no regular file; choose another store.path " +
                           "(AGENT_STORE_PATH)");
  constexpr std::string_view kHeader = "SQLite format 3";
  if (IdentityOf(path + ".lock") != FileIdentity{}) return {};
  std::string begin(kHeader.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (file.gcount() == 0 || begin == kHeader) return {};
  return InvalidArgument(path + " is not a database; choose another store.path (AGENT_STORE_PATH)");
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::Open(const StoreOptions& options, Clock& clock) {
  std::string path = options.path;
  if (path != ":memory:") {
    // A link and its target must share one lock.
    std::error_code failed;
    const auto absolute =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
    if (path.empty()) return InvalidArgument("store.path is empty: name the database's file");
    if (failed)
      return InvalidArgument("store.path \"" + path +
                             "\" is not a usable path: " + failed.message());
    path = absolute.string();
    AIOPS_TRY_VOID(RefuseForeignFile(path));
  }
  auto impl = std::make_unique<Impl>(options, std::move(path), clock);
  {
    std::lock_guard guard(impl->writer_mutex);
    AIOPS_TRY_VOID(impl->OpenWriter());
  }
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

bool Store::IsHeld(const Error& error) { return FileLock::IsHeld(error); }

Result<void> Store::Commit(const Changes& changes) {
  if (changes.empty()) return {};
  std::int64_t added = 0;
  const auto written = impl_->Write([&](Database& db) -> Result<void> {
    AIOPS_TRY(Transaction transaction, Transaction::Begin(db, DurabilityOf(changes)));
    AIOPS_TRY(added, WriteChanges(db, impl_->entity_ids, changes));
    AIOPS_TRY_VOID(transaction.Commit());
    impl_->NoteAnomalyId(GreatestAnomalyId(changes));
    return {};
  });
  if (!written) return written;
  std::lock_guard guard(impl_->info_mutex);
  impl_->health.sample_rows += added;
  return {};
}

Result<Expired> Store::DeleteExpired(Time now) {
  const Cutoffs cutoffs = impl_->CutoffsAt(now);
  RetentionSlice slice;
  const auto written = impl_->Write([&](Database& db) -> Result<void> {
    RetentionCursor cursor = impl_->retention;
    AIOPS_TRY(Transaction transaction, Transaction::Begin(db, Durability::kProcess));
    AIOPS_TRY(slice, DeleteSlice(db, cutoffs, cursor));
    AIOPS_TRY_VOID(transaction.Commit());
    impl_->retention = cursor;
    if (!slice.entities.empty()) impl_->entity_ids.clear();
    return {};
  });
  if (!written) return written.error();
  std::lock_guard guard(impl_->info_mutex);
  impl_->health.sample_rows -= slice.samples_deleted;
  return Expired{slice.more, std::move(slice.entities)};
}

void Store::SetRetention(Duration samples, Duration anomalies) {
  std::lock_guard guard(impl_->info_mutex);
  impl_->retention_samples = samples;
  impl_->retention_anomalies = anomalies;
}

StoreHealth Store::health() const {
  StoreHealth health;
  {
    std::lock_guard guard(impl_->info_mutex);
    health = impl_->health;
  }
  if (impl_->memory) return health;
  health.database_bytes = FileBytes(impl_->path);
  health.wal_bytes = FileBytes(impl_->path + "-wal");
  return health;
}

}  // namespace aiops
