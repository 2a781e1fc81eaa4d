#include "collect/nginx/log_follower.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr Duration kQuiet = minutes(1);        // of the file that was rotated away last
constexpr Duration kQuietOlder = seconds(10);  // of those before it
constexpr Duration kNewNormal = minutes(10);   // after so long a failure is none any more
constexpr Duration kRemembered = hours(24);    // what was read of a log that is gone
constexpr int kMaxChangesPerPoll = 8;

}  // namespace

bool LogFollower::IsOpen(std::uint64_t device, std::uint64_t inode) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const OpenFile& each) { return each.file.SameInode(device, inode); });
}

bool LogFollower::PathIsOpen() const {
  struct stat status {};
  return ::stat(path_.c_str(), &status) == 0 && IsOpen(status.st_dev, status.st_ino);
}

// For as long as the path names that file: it is not read again when the other lets it go.
bool LogFollower::PathIsAlias() {
  struct stat status {};
  if (!elsewhere_ || ::stat(path_.c_str(), &status) != 0) return false;
  const FileId file{status.st_dev, status.st_ino};
  if (alias_of_ != file) alias_of_.reset();
  if (elsewhere_(path_, file)) alias_of_ = file;
  return alias_of_.has_value();
}

void LogFollower::Lose(const std::string& path, const char* why) {
  ++counters_.files_lost;
  LogWarn("lines of a log may be lost",
          {{"collector", "nginx_log"}, {"log", Sanitize(path)}, {"why", why}});
}

void LogFollower::BeginFirst(LogFile file, Time now) {
  if (start_ == StartAt::kTail) began_in_middle_ = file.SeekTail(kTailBytes);
  start_ = StartAt::kBeginning;
  open_.push_back({std::move(file), now, path_});
}

void LogFollower::Insert(std::vector<OpenFile> files, size_t at) {
  if (files.empty()) return;  // or those behind would be moved onto themselves
  open_.insert(open_.begin() + static_cast<std::ptrdiff_t>(at),
               std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
}

void LogFollower::CheckPath(Time now) {
  behind_ = false;
  if (PathIsOpen() || PathIsAlias()) {
    error_.reset();
    return;
  }
  auto file = LogFile::Open(path_);
  if (!file) {
    const bool missing = file.error().kind == ErrorKind::kNotFound;
    if (missing && open_.empty()) start_ = StartAt::kBeginning;  // once it comes, it is all new
    if (missing && !open_.empty()) {
      error_.reset();
      TakeRotated(now);
    } else {
      error_ = file.error();
    }
    return;
  }
  error_.reset();
  if (!resume_.empty()) return;
  if (open_.empty()) return BeginFirst(*std::move(file), now);
  TakeRotated(now);
}

// At the next Poll, as another process would.
void LogFollower::BeginAgain(std::vector<LogFileState> known) {
  resume_ = std::move(known);
  open_.clear();
}

// The oldest first: what is open is then always the newest part of the series.
void LogFollower::Retire(Time now, const LineSink& sink) {
  while (!open_.empty()) {
    const OpenFile& oldest = open_.front();
    const bool crowded = open_.size() >= kMaxOpen;  // more may be waiting to be opened
    const Duration quiet = crowded ? kQuiet : now - oldest.last_growth;
    const bool written_after = std::any_of(open_.begin() + 1, open_.end(),
                                           [](const OpenFile& each) { return each.file.begun(); });
    const bool done = open_.size() == 1
                          ? oldest.file.deleted() && quiet >= kQuiet
                          : written_after && quiet >= (open_.size() > 2 ? kQuietOlder : kQuiet);
    if (!done) return;
    if (open_.size() == 1) LetGoOfDeleted();
    if (oldest.file.begun() && !oldest.copied) last_retired_ = oldest.file.State();
    open_.front().file.splitter().Finish(sink);
    // Nobody would know any more that these are copies of it.
    for (size_t i = open_.size() - 1; i > 0; --i)
      if (OriginalOf(i) == 0) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    open_.pop_front();
  }
}

// What is known of it tells which files are newer, should the path come back: also after a restart.
void LogFollower::LetGoOfDeleted() {
  resume_ = State();
  resume_.back().inode = 0;  // another file may get it
  resume_is_read_ = true;
}

// A pattern may match ever new logs.
void LogFollower::ForgetResumed(Time now) {
  const bool missing = !resume_.empty() && error_ && error_->kind == ErrorKind::kNotFound;
  if (!missing) return missing_since_.reset();
  missing_since_ = std::min(missing_since_.value_or(now), now);
  if (now - *missing_since_ < kRemembered) return;
  if (!std::exchange(resume_is_read_, false)) Lose(path_, "it is gone for a day");
  resume_.clear();
}

bool LogFollower::Poll(Time now, ReadPass& pass) {
  bool whole = false;
  // Each time it begins again without a file that was taken for another.
  for (size_t refused = refused_.size() + 1; refused != refused_.size();) {
    refused = refused_.size();
    if (!resume_.empty()) {
      LookUntilStill([&](const std::vector<Sibling>& series, LogPlaces& places) {
        return FindResumed(series, places, now);
      });
    }
    CheckPath(now);
    whole = ReadOpen(now, pass);
    if (!whole && !pass.go_on()) break;
  }
  TakeHealth(now);
  ForgetResumed(now);
  return whole && !behind_ && (resume_.empty() || error_);
}

void LogFollower::TakeHealth(Time now) {
  if (!error_) {
    was_read_ = was_read_ || reading();
    failing_since_.reset();
    health_ = LogHealth::kWell;
    return;
  }
  // A clock that was set back does not prolong it.
  failing_since_ = std::min(failing_since_.value_or(now), now);
  // Into a file that is gone nobody writes.
  const bool counted = was_read_ && error_->kind != ErrorKind::kNotFound;
  health_ =
      counted && now - *failing_since_ < kNewNormal ? LogHealth::kFailing : LogHealth::kUnreadable;
}

ReadOutcome LogFollower::ReadOne(OpenFile& open, Time now, ReadPass& pass) {
  const std::uint64_t before = std::exchange(pass.bytes_read, 0);
  const ReadOutcome outcome = open.file.Read(pass);
  if (pass.bytes_read > 0) open.last_growth = now;
  counters_.bytes_read += pass.bytes_read;
  pass.bytes_read += before;
  if (outcome == ReadOutcome::kFailed) error_ = Unavailable("cannot read " + path_);
  if (outcome == ReadOutcome::kEnd && open.file.damaged() && !open.told_damaged) {
    open.told_damaged = true;
    Lose(open.path, "it is cut off or damaged: what comes before that was read");
  }
  return outcome;
}

bool LogFollower::ReadOpen(Time now, ReadPass& pass) {
  int changes = 0;
  for (size_t i = 0; i < open_.size(); ++i) {
    const size_t before = open_.size();
    FindCopiesOfUnknown(i, now);
    if (open_.size() != before) {
      --i;
      continue;
    }
    if (WaitsAsCopy(i) && (i == 0 || !open_[i - 1].copied || Grew(open_[i]))) continue;
    GoOnInCopy(i);
    switch (ReadOne(open_[i], now, pass)) {
      case ReadOutcome::kInterrupted:
        return false;
      case ReadOutcome::kOther: {
        // Without this file.
        const LogFileState taken_for = open_[i].file.State();
        refused_.push_back(
            {{taken_for.device, taken_for.inode}, taken_for.offset, taken_for.before});
        BeginAgain(State());
        return false;
      }
      case ReadOutcome::kTruncated:
        if (++changes > kMaxChangesPerPoll) return false;
        OnTruncated(i, now);
        --i;  // what was found of the old content comes first
        break;
      case ReadOutcome::kChanged:
        if (++changes > kMaxChangesPerPoll) return false;
        --i;
        break;
      case ReadOutcome::kEnd:
      case ReadOutcome::kFailed:
        break;
    }
  }
  Retire(now, pass.sink);
  return true;
}

size_t LogFollower::BegunIn(const std::vector<LogFileState>& files) {
  size_t count = files.size();
  while (count > 0 && files[count - 1].offset == 0) --count;
  return count;
}

std::vector<LogFileState> LogFollower::State() const {
  // Before the first Poll the checkpoint is still the truth.
  if (!resume_.empty()) return resume_;
  std::vector<LogFileState> out;
  for (size_t i = 0; i < open_.size(); ++i) {
    // What is only a copy of another would be taken for it.
    if (!Superseded(i) && !WaitsAsCopy(i)) out.push_back(open_[i].file.State());
  }
  // Without a line of any of them, nothing would tell what is newer than what was read; and what
  // was changed since the last of which a line was read, or since one before it that is still
  // unknown, would be taken for a copy.
  const size_t begun = BegunIn(out);
  std::int64_t since_ns = begun > 0 ? out[begun - 1].modified_ns : 0;
  for (size_t i = 0; i < begun; ++i)
    if (out[i].offset == 0) since_ns = std::min(since_ns, out[i].modified_ns);
  if (last_retired_ && !out.empty() && last_retired_->modified_ns >= since_ns)
    out.insert(out.begin(), *last_retired_);
  return out;
}

}  // namespace aiops
