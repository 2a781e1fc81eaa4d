#include "store/sqlite.h"

#include <sqlite3.h>

#include <cmath>

#include "store/sqlite_error.h"

namespace aiops {
namespace {

// Full and locked pass by themselves; after the others only a new connection is known to be sound.
bool Survives(int code) {
  switch (code) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const Options& options) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Unavailable("cannot open " + path + ": out of memory");
  std::unique_ptr<Database> db(new Database(handle, path));
  if (code != SQLITE_OK) return db->Fail();
  AIOPS_TRY_VOID(db->SetUp(options));
  return db;
}

Result<void> Database::SetUp(const Options& options) {
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, static_cast<int>(options.busy_timeout.count()));
  // mmap would turn an I/O error into SIGBUS.
  AIOPS_TRY_VOID(
      Execute("PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; "
              "PRAGMA cell_size_check=ON; PRAGMA cache_size=-" +
              std::to_string(options.cache_kib)));
  if (!options.query_only) return {};
  Abandon();  // a reader never checkpoints, not even when it is the last to close
  return Execute("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0");
}

Database::~Database() {
  for (auto& [sql, cached] : cache_) {
    AIOPS_CHECK(!cached.on_loan);
    sqlite3_finalize(cached.stmt);
  }
  AIOPS_CHECK(sqlite3_close(db_) == SQLITE_OK);
}

void Database::Abandon() { sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

Error Database::LastError() const {
  return SqliteError(sqlite3_extended_errcode(db_), path_, sqlite3_errmsg(db_),
                     sqlite3_system_errno(db_));
}

Error Database::Fail() {
  const int code = sqlite3_extended_errcode(db_) & 0xff;
  if (!Survives(code)) needs_reopen_ = true;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) damaged_ = true;
  return LastError();
}

std::int64_t Database::changes() const { return sqlite3_changes64(db_); }

std::int64_t Database::total_changes() const { return sqlite3_total_changes64(db_); }

Result<void> Database::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return Fail();
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql, bool cached) {
  Cached* slot = nullptr;
  if (cached) {
    auto it = cache_.find(sql);
    if (it == cache_.end()) it = cache_.emplace(std::string(sql), Cached{}).first;
    if (!it->second.on_loan) slot = &it->second;
  }
  sqlite3_stmt* stmt = slot != nullptr ? slot->stmt : nullptr;
  if (stmt == nullptr) {
    const unsigned flags = slot != nullptr ? SQLITE_PREPARE_PERSISTENT : 0;
    if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), flags, &stmt, nullptr) !=
        SQLITE_OK) {
      return Fail();
    }
  }
  if (slot == nullptr) return Statement(*this, stmt, nullptr);
  slot->stmt = stmt;
  slot->on_loan = true;
  return Statement(*this, stmt, &slot->on_loan);
}

Result<std::int64_t> Database::QueryInt(std::string_view sql) {
  AIOPS_TRY(Statement statement, Prepare(sql, /*cached=*/false));
  AIOPS_TRY(const bool row, statement.Step());
  return row ? statement.Int(0) : 0;
}

Result<std::string> Database::QueryText(std::string_view sql) {
  AIOPS_TRY(Statement statement, Prepare(sql, /*cached=*/false));
  AIOPS_TRY(const bool row, statement.Step());
  return row ? std::string(statement.Text(0)) : std::string();
}

Result<void> Database::SetDurability(Durability durability) {
  if (durability_ == durability) return {};
  AIOPS_TRY_VOID(Execute(durability == Durability::kPower ? "PRAGMA synchronous=FULL"
                                                          : "PRAGMA synchronous=NORMAL"));
  durability_ = durability;
  return {};
}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      stmt_(std::exchange(other.stmt_, nullptr)),
      on_loan_(other.on_loan_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (stmt_ == nullptr) return;
  if (on_loan_ == nullptr) {
    sqlite3_finalize(stmt_);
    return;
  }
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
  *on_loan_ = false;
}

void Statement::NoteBind(int code) {
  if (code != SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, std::int64_t value) {
  NoteBind(sqlite3_bind_int64(stmt_, index, value));
}

void Statement::BindOne(int index, double value) {
  NoteBind(sqlite3_bind_double(stmt_, index, value));
}

void Statement::BindOne(int index, std::nullopt_t) { NoteBind(sqlite3_bind_null(stmt_, index)); }

void Statement::BindOne(int index, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";  // a null pointer would bind NULL
  NoteBind(sqlite3_bind_text64(stmt_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::BindOne(int index, Blob blob) {
  const char* data = blob.bytes.data() != nullptr ? blob.bytes.data() : "";
  NoteBind(sqlite3_bind_blob64(stmt_, index, data, blob.bytes.size(), SQLITE_STATIC));
}

Result<bool> Statement::Step() {
  if (bind_error_ != 0)
    return SqliteError(bind_error_, db_->path(), sqlite3_errstr(bind_error_), /*system_errno=*/0);
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return db_->Fail();
}

Result<void> Statement::Run() {
  while (true) {
    AIOPS_TRY(const bool row, Step());
    if (!row) return {};
  }
}

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(stmt_, column); }

double Statement::Real(int column) const {
  return IsNull(column) ? std::nan("") : sqlite3_column_double(stmt_, column);
}

std::string_view Statement::Text(int column) const {
  const void* data = sqlite3_column_blob(stmt_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<size_t>(sqlite3_column_bytes(stmt_, column))};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}

std::optional<Time> Statement::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return TimeAt(column);
}

Result<Transaction> Transaction::Begin(Database& db, Durability durability) {
  AIOPS_TRY_VOID(db.SetDurability(durability));  // cannot change inside a transaction
  AIOPS_TRY_VOID(db.Run("BEGIN IMMEDIATE"));
  return Transaction(db);
}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some errors.
  if (db_ != nullptr && sqlite3_get_autocommit(db_->db_) == 0) {
    sqlite3_exec(db_->db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Result<void> Transaction::Commit() {
  AIOPS_TRY_VOID(db_->Run("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace aiops
