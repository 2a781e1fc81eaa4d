// LogFollower: follows one path through renames, truncations and restarts, so that every line that
// exists in any plain or gzip file of the series is delivered exactly once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collect/nginx/log_file.h"
#include "collect/nginx/log_series.h"

namespace aiops {

// Where to begin in a file that is met for the first time.
enum class StartAt { kTail, kBeginning };
inline constexpr std::uint64_t kTailBytes = 1 << 20;

struct FollowerCounters {
  std::uint64_t rotations = 0;    // the path became another file
  std::uint64_t truncations = 0;  // a file became shorter or other
  std::uint64_t files_lost = 0;   // a file that was not read to its end is gone or damaged
  std::uint64_t bytes_read = 0;
};

enum class LogHealth {
  kWell,
  kFailing,     // was read before and cannot be now: lines may be missing
  kUnreadable,  // never could be read, or has not been for ten minutes: that is its normal state
};

// Whether a file (device and inode) is read under another path already.
using ReadElsewhere = std::function<bool(const std::string& path, const FileId& file)>;

// Not thread-safe.
class LogFollower {
 public:
  LogFollower(std::string path, StartAt start, ReadElsewhere elsewhere = nullptr)
      : path_(std::move(path)), start_(start), elsewhere_(std::move(elsewhere)) {}

  // Goes on where a checkpoint says: oldest file first, the one that had the path last. The files
  // are looked for at the next Poll, under the path and among its siblings; if none is the last one
  // and the path cannot be opened, at a later one. After a day without the path they are forgotten.
  void Resume(std::vector<LogFileState> files) {
    resume_ = std::move(files);
    was_read_ = !resume_.empty();
  }

  // Delivers what is there now. False if there is more: `pass.go_on` interrupted it, or the
  // directory changed meanwhile. After a rotation the old file
  // stays open: until it was quiet for a minute and its successor got its first bytes.
  bool Poll(Time now, ReadPass& pass);

  std::vector<LogFileState> State() const;
  const std::string& path() const { return path_; }
  const FollowerCounters& counters() const { return counters_; }
  // Why the path cannot be read now. A path that is missing while its file is still open is no
  // error.
  const std::optional<Error>& error() const { return error_; }
  LogHealth health() const { return health_; }
  bool reading() const { return !open_.empty(); }
  // Whether the files of a checkpoint, or of a log that was deleted, have not been found yet.
  bool resuming() const { return !resume_.empty(); }
  // Whether it reads this file.
  bool Reads(const FileId& file) const { return IsOpen(file.first, file.second); }
  // Whether the path is another name of a file that is, or was, read under another path.
  bool is_alias() const { return alias_of_.has_value(); }
  // Whether the first file was begun in its middle.
  bool began_in_middle() const { return began_in_middle_; }

 private:
  struct OpenFile {
    LogFile file;
    Time last_growth;
    std::string path;           // when it was opened
    bool told_damaged = false;  // in files_lost
    bool copied = false;        // the one behind has its place, and what it held (cp and mv)
    std::uint64_t waited = 0;   // its size when it waited last
  };
  // Which files of a series are new beside those that are known.
  struct News {
    std::optional<size_t> after;   // those behind this place,
    std::optional<size_t> before;  // before this one,
    std::int64_t since_ns = 0;     // and changed at or after this time: copies,
    bool log_too = false;          // or in any case the log itself
  };

  struct Truncation {
    size_t index = 0;                     // of the open file
    LogFileState before;                  // how far it had been read
    std::optional<std::uint64_t> cut_at;  // its new end, if it may merely have been cut
  };
  // Does what a listing of the series asks for; false, with nothing done, if it has moved on.
  using Look = std::function<bool(const std::vector<Sibling>& series, LogPlaces& places)>;
  static constexpr size_t kMaxOpen = 256;  // files, of one log

  bool ReadOpen(Time now, ReadPass& pass);
  ReadOutcome ReadOne(OpenFile& open, Time now, ReadPass& pass);
  void TakeHealth(Time now);
  void CheckPath(Time now);
  void TakeRotated(Time now);
  // Lists the series anew until `look` is content with it, a few times. False if it never was: the
  // directory moves on all the time.
  bool LookUntilStill(const Look& look) const;
  bool FindResumed(const std::vector<Sibling>& series, LogPlaces& places, Time now);
  bool OpenResumed(const std::vector<Sibling>& series, const LogPlaces::Places& located, Time now);
  void CountResumed(LogFile& file, bool rest_is_elsewhere);
  void TellLost(const LogPlaces::Places& located, std::uint64_t told_before);
  void ForgetResumed(Time now);
  bool PathIsOpen() const;
  bool PathIsAlias();
  void BeginFirst(LogFile file, Time now);
  bool TakeNew(const std::vector<Sibling>& series, const LogPlaces& places, const News& news,
               size_t at, Time now);
  void DropCopiesUnderWay(std::vector<OpenFile>& found) const;
  void Insert(std::vector<OpenFile> files, size_t at);
  void OnTruncated(size_t index, Time now);
  bool FindCopies(const std::vector<Sibling>& series, LogPlaces& places,
                  const Truncation& truncation, Time now);
  void BeginAgain(std::vector<LogFileState> known);
  void FindCopiesOfUnknown(size_t index, Time now);
  bool IsCopy(size_t index) const;
  bool TakeReplaced(const Sibling& place, Time now);
  std::optional<size_t> OriginalOf(size_t index) const;
  bool WaitsAsCopy(size_t index) const;
  static bool Grew(OpenFile& copy);
  void GoOnInCopy(size_t index);
  bool Superseded(size_t index) const;
  void Retire(Time now, const LineSink& sink);
  void LetGoOfDeleted();
  void Lose(const std::string& path, const char* why);
  LogPlaces::Places LocateOpen(LogPlaces& places, const LogFileState* copied = nullptr,
                               std::optional<size_t>* copy = nullptr) const;
  // How many files there are up to the last of which anything was delivered. Which ones those
  // behind are does not matter: they are among the new ones, and read from their beginning.
  static size_t BegunIn(const std::vector<LogFileState>& files);
  bool IsOpen(std::uint64_t device, std::uint64_t inode) const;

  const std::string path_;
  StartAt start_;
  const ReadElsewhere elsewhere_;
  std::optional<FileId> alias_of_;  // what the path names, and was read elsewhere
  std::vector<LogFileState> resume_;
  bool resume_is_read_ = false;        // to the end of all: nothing is lost if they are not found
  std::optional<Time> missing_since_;  // the path, while anything is to be resumed
  std::vector<Refusal> refused_;
  std::deque<OpenFile> open_;                 // oldest first
  std::optional<LogFileState> last_retired_;  // of which a line was read
  bool behind_ = false;                       // the directory changed while it was being looked at
  FollowerCounters counters_;
  std::optional<Error> error_;
  LogHealth health_ = LogHealth::kWell;
  bool was_read_ = false;  // in this process or, as the checkpoint says, before it
  std::optional<Time> failing_since_;
  bool began_in_middle_ = false;
};

}  // namespace aiops
