// A thin, owning wrapper of SQLite's C API: connection, cached statement, transaction.
//
// Not thread-safe: a connection belongs to one thread at a time (the store guards it). sqlite3.h
// stays out of this header. Errors are sentences for a person: what is wrong with which file, and
// what to do.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace aiops {

class Database;

// Bytes, as opposed to text.
struct Blob {
  std::string_view bytes;
};

// A prepared statement on loan from its connection, which must outlive it. Bound text and blobs
// must stay valid until the last Step. Resets and returns itself when destroyed.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  // Binds the parameters ?1, ?2, ... NaN and nullopt become NULL.
  template <class... Args>
  Statement& Bind(const Args&... args) {
    int index = 0;
    (BindOne(++index, args), ...);
    return *this;
  }
  void BindOne(int index, std::int64_t value);
  void BindOne(int index, double value);
  void BindOne(int index, std::string_view text);
  void BindOne(int index, Blob blob);
  void BindOne(int index, std::nullopt_t);
  void BindOne(int index, Time time) { BindOne(index, std::int64_t{UnixMillis(time)}); }
  template <std::integral Integer>
  void BindOne(int index, Integer value) {
    BindOne(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void BindOne(int index, const std::optional<T>& value) {
    value ? BindOne(index, *value) : BindOne(index, std::nullopt);
  }

  // True: a row is there. False: done.
  Result<bool> Step();
  // Steps to the end.
  Result<void> Run();

  // Columns of the current row, from 0. A view lives until the next Step.
  std::int64_t Int(int column) const;
  double Real(int column) const;  // NaN for NULL
  std::string_view Text(int column) const;
  bool IsNull(int column) const;
  Time TimeAt(int column) const { return FromUnixMillis(Int(column)); }
  std::optional<Time> OptionalTime(int column) const;

 private:
  friend class Database;
  Statement(Database& db, sqlite3_stmt* stmt, bool* on_loan)
      : db_(&db), stmt_(stmt), on_loan_(on_loan) {}
  void NoteBind(int code);

  Database* db_;
  sqlite3_stmt* stmt_;
  bool* on_loan_;  // null: not cached, finalized at the end
  int bind_error_ = 0;
};

// How much of a commit survives a loss of power. A killed process loses nothing either way.
enum class Durability {
  kProcess,  // synchronous=NORMAL: what was committed since the last checkpoint may be lost, never
             // torn
  kPower,    // synchronous=FULL: on the disk when Commit returns
};

class Database {
 public:
  struct Options {
    bool create = false;
    bool query_only = false;
    Duration busy_timeout = seconds(2);
    int cache_kib = 512;
  };
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One or more statements without parameters.
  Result<void> Execute(const std::string& sql);
  // `cached`: keep it for the next time; for fixed SQL only.
  Result<Statement> Prepare(std::string_view sql, bool cached = true);
  // Prepares, binds and runs.
  template <class... Args>
  Result<void> Run(std::string_view sql, const Args&... args) {
    AIOPS_TRY(Statement statement, Prepare(sql));
    return statement.Bind(args...).Run();
  }
  // The first column of the first row; 0 if there is none.
  Result<std::int64_t> QueryInt(std::string_view sql);
  Result<std::string> QueryText(std::string_view sql);

  // Rows changed by the last INSERT, UPDATE or DELETE.
  std::int64_t changes() const;
  // Rows changed since it was opened, also by what was rolled back.
  std::int64_t total_changes() const;
  // The last error as an Error whose kind tells (store/sqlite_error.h).
  Error LastError() const;
  // Whether the last error may have left the connection unusable (I/O errors, a moved file).
  bool NeedsReopen() const { return needs_reopen_; }
  // Whether the file itself was found corrupt, or not to be a database.
  bool Damaged() const { return damaged_; }
  // Closing shall neither checkpoint nor touch files by name: they may be another database's by
  // now.
  void Abandon();
  const std::string& path() const { return path_; }

 private:
  friend class Statement;
  friend class Transaction;
  struct Cached {
    sqlite3_stmt* stmt = nullptr;
    bool on_loan = false;
  };
  Database(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  Result<void> SetUp(const Options& options);
  Result<void> SetDurability(Durability durability);
  Error Fail();

  sqlite3* db_;
  std::string path_;
  std::map<std::string, Cached, std::less<>> cache_;
  std::optional<Durability> durability_;
  bool needs_reopen_ = false;
  bool damaged_ = false;
};

// Rolls back unless committed.
class Transaction {
 public:
  // Takes the write lock at once.
  static Result<Transaction> Begin(Database& db, Durability durability);
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> Commit();

 private:
  explicit Transaction(Database& db) : db_(&db) {}
  Database* db_;
};

}  // namespace aiops
