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
constexpr size_t kMaxOpen = 256;               // files, of one log
constexpr int kMaxChangesPerPoll = 8;
constexpr int kMaxLooks = 8;  // at a directory that changes while it is being looked at

// The newest place of the first `count` files.
std::optional<size_t> LastOf(const LogPlaces::Places& places, size_t count) {
  std::optional<size_t> last;
  for (size_t i = 0; i < count; ++i) last = std::max(last, places[i]);
  return last;
}

// How many files there are up to the last of which anything was delivered. Which ones those behind
// are does not matter: they are among the new ones, and read from their beginning.
size_t Begun(const std::vector<LogFileState>& files) {
  size_t count = files.size();
  while (count > 0 && files[count - 1].offset == 0) --count;
  return count;
}

}  // namespace

bool LogFollower::IsOpen(std::uint64_t device, std::uint64_t inode) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const OpenFile& each) { return each.file.SameInode(device, inode); });
}

bool LogFollower::PathIsOpen() const {
  struct stat status {};
  return ::stat(path_.c_str(), &status) == 0 && IsOpen(status.st_dev, status.st_ino);
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

// Opens what is new and puts it at `at`, in the order of the series. False if too many are open,
// or, with nothing done, if the directory has moved on.
bool LogFollower::TakeNew(const std::vector<Sibling>& series, const LogPlaces& places,
                          const News& news, size_t at, Time now) {
  std::vector<OpenFile> found;
  std::vector<std::pair<std::string, Error>> lost;
  bool all = true;
  for (const size_t place : places.Free(news.after, news.before)) {
    const Sibling& each = series[place];
    const bool is_log = each.path == path_;
    if (is_log ? !news.log_too : each.modified_ns < news.since_ns) continue;
    if (IsOpen(each.device, each.inode)) continue;
    all = open_.size() + found.size() < kMaxOpen;
    if (!all) break;
    auto file = OpenListed(each);
    if (!file && file.error().kind == ErrorKind::kNotFound) return false;
    if (file) {
      found.push_back({*std::move(file), now, each.path});
    } else if (!is_log) {
      lost.emplace_back(each.path, file.error());
    }
  }
  // A copy may have been made, and the log truncated, before it was opened.
  if (!found.empty() && !SameFiles(ListSeries(path_), series)) return false;
  DropCopiesUnderWay(found);
  for (const auto& [path, error] : lost) Lose(path, error.message.c_str());
  for (auto& each : found) {
    if (resume_.empty()) {
      ++counters_.rotations;
    } else {
      CountResumed(each.file, news.since_ns == 0);
    }
  }
  Insert(std::move(found), at);
  return all;
}

// Between the two steps of copytruncate, what the copy holds is still in the log and is read there.
// When the log is truncated, the copy is found by what was known of the log.
void LogFollower::DropCopiesUnderWay(std::vector<OpenFile>& found) const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return;
  const auto is_log = [&](const OpenFile& each) {
    return each.file.SameInode(status.st_dev, status.st_ino);
  };
  // Of the files that were found, it is the last.
  const bool is_new = !found.empty() && is_log(found.back());
  const auto open = std::find_if(open_.begin(), open_.end(), is_log);
  if (!is_new && open == open_.end()) return;
  std::optional<OpenFile> newest;
  if (is_new) {
    newest = std::move(found.back());
    found.pop_back();
  }
  const LogFile& log = is_new ? newest->file : open->file;
  std::erase_if(found, [&](const OpenFile& each) { return log.HoldsAllOf(each.file); });
  if (newest) found.push_back(*std::move(newest));
}

void LogFollower::Insert(std::vector<OpenFile> files, size_t at) {
  if (files.empty()) return;  // or those behind would be moved onto themselves
  open_.insert(open_.begin() + static_cast<std::ptrdiff_t>(at),
               std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
}

// Where the open files are. The one that was let go last may have been changed after them, and what
// was read of one that was truncated since may be in a copy: those are not new either. `copied`:
// what is known best, so that none of those takes its place, `copy`.
LogPlaces::Places LogFollower::LocateOpen(LogPlaces& places, const LogFileState* copied,
                                          std::optional<size_t>* copy) const {
  std::vector<LogFileState> present;
  std::vector<LogFileState> read_before;
  if (last_retired_) read_before.push_back(*last_retired_);
  for (const auto& each : open_) {
    present.push_back(each.file.Identity());
    LogFileState read = each.file.State();
    if (read.offset == 0 || each.file.Holds(read)) continue;
    read.inode = 0;
    read_before.push_back(read);
  }
  auto located = places.LocateByInode(present, true);
  if (copied != nullptr) *copy = places.Locate({copied, 1}, false).front();
  places.LocateOthers(present, true, located);
  places.Locate(read_before, false);
  return located;
}

// The path became another file: reads it, and those that had the path in between.
void LogFollower::TakeRotated(Time now) {
  for (int look = 0; look < kMaxLooks; ++look) {
    const auto series = ListSeries(path_);
    LogPlaces places(series, refused_);
    const auto located = LocateOpen(places);
    News news{.after = LastOf(located, located.size()), .log_too = true};
    // If the last file is gone, one that is newer was at least changed after it.
    if (!located.back()) news.since_ns = open_.back().file.State().modified_ns;
    if (located.back()) news.after = located.back();
    behind_ = !TakeNew(series, places, news, open_.size(), now);
    if (!behind_ || open_.size() >= kMaxOpen) return;
  }
}

void LogFollower::CheckPath(Time now) {
  behind_ = false;
  if (PathIsOpen()) {
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

// A file that is new to a process that resumes.
void LogFollower::CountResumed(LogFile& file, bool rest_is_elsewhere) {
  const auto same = std::find_if(resume_.begin(), resume_.end(), [&](const LogFileState& each) {
    return file.SameInode(each.device, each.inode);
  });
  if (same == resume_.end()) {
    ++counters_.rotations;
  } else if (same->offset > 0) {
    ++counters_.truncations;
    if (!rest_is_elsewhere) file.RestartAfter(*same);
  }
}

bool LogFollower::OpenResumed(const std::vector<Sibling>& series, const LogPlaces::Places& located,
                              Time now) {
  for (size_t i = 0; i < located.size(); ++i) {
    if (!located[i]) continue;
    auto file = OpenListed(series[*located[i]]);
    if (!file || !file->Holds(resume_[i])) return false;
    file->Seek(resume_[i]);
    open_.push_back({*std::move(file), now, series[*located[i]].path});
  }
  return true;
}

// False if the directory has moved on: nothing is open then.
bool LogFollower::FindResumed(Time now) {
  const auto series = ListSeries(path_);
  LogPlaces places(series, refused_);
  const size_t begun = Begun(resume_);
  const auto located = places.Locate(std::span(resume_).first(begun), false);
  const bool all = std::all_of(located.begin(), located.end(), [](auto place) { return place; });
  if (!all && !SameFiles(ListSeries(path_), series)) return false;
  News news{.after = LastOf(located, begun), .log_too = true};
  if (begun == 0 || !located.back()) {
    // The log may be the one that is missed, or its folder may not be there yet: later.
    const auto log = LogFile::Open(path_);
    if (!log && (log.error().kind != ErrorKind::kNotFound || !news.after)) return true;
    news.since_ns = resume_[begun == 0 ? 0 : begun - 1].modified_ns;
  } else {
    news.after = located.back();
  }
  const FollowerCounters before = counters_;
  if (!OpenResumed(series, located, now) ||
      (!TakeNew(series, places, news, open_.size(), now) && open_.size() < kMaxOpen)) {
    open_.clear();
    counters_ = before;
    return false;
  }
  for (size_t i = 0; i < begun; ++i) {
    // The last one may have been told already as a file that cannot be read.
    const bool untold =
        i + 1 == begun ? counters_.files_lost == before.files_lost : resume_[i].unread;
    if (!located[i] && untold) Lose(path_, "a file that was being read is gone");
  }
  for (size_t i = begun; i < resume_.size(); ++i) {
    const bool found = std::any_of(open_.begin(), open_.end(), [&](const OpenFile& each) {
      return each.file.Holds(resume_[i]);
    });
    if (!found) Lose(path_, "a file that was to be read is gone");
  }
  resume_.clear();
  start_ = StartAt::kBeginning;
  return true;
}

void LogFollower::OnTruncated(size_t index, Time now) {
  auto known = State();
  LogFileState before = open_[index].file.State();
  const auto cut_at = open_[index].file.Restart();
  before.inode = 0;  // which the truncated file has kept
  for (int look = 0; look < kMaxLooks; ++look) {
    if (!FindCopies(index, before, cut_at, now)) continue;
    ++counters_.truncations;
    return;
  }
  BeginAgain(std::move(known));
}

// At the next Poll, as another process would.
void LogFollower::BeginAgain(std::vector<LogFileState> known) {
  resume_ = std::move(known);
  open_.clear();
}

// copytruncate: a copy holds what was written between our last read and the truncation, and later
// ones what came between that and others. False, with nothing done, if the directory has moved on.
bool LogFollower::FindCopies(size_t index, const LogFileState& before,
                             std::optional<std::uint64_t> cut_at, Time now) {
  const auto series = ListSeries(path_);
  LogPlaces places(series, refused_);
  std::optional<size_t> copy;
  const auto located = LocateOpen(places, &before, &copy);
  if (!copy && !SameFiles(ListSeries(path_), series)) return false;
  if (!copy && cut_at) {
    open_[index].file.SkipTo(*cut_at);
    return true;
  }
  std::vector<OpenFile> rest;
  if (copy) {
    auto file = OpenListed(series[*copy]);
    if (!file || !file->Holds(before)) return false;
    file->Seek(before);
    rest.push_back({*std::move(file), now, series[*copy].path});
  }
  const News news{.after = copy ? copy : LastOf(located, index),
                  .before = located[index],
                  .since_ns = copy ? 0 : before.modified_ns};
  if (!TakeNew(series, places, news, index, now) && open_.size() < kMaxOpen) return false;
  Insert(std::move(rest), index);
  return true;
}

// A file of which no line was read may have been written to, copied and truncated between two
// looks: what was changed beside it since, and is not open, is such a copy. Files that were read to
// their end are no danger: they are retired only when a line of a later one was read.
void LogFollower::FindCopiesOfUnknown(size_t index, Time now) {
  auto known = State();
  const std::int64_t since_ns = open_[index].file.State().modified_ns;
  if (!open_[index].file.RenewUnknown()) return;
  for (int look = 0; look < kMaxLooks; ++look) {
    const auto series = ListSeries(path_);
    LogPlaces places(series, refused_);
    const auto located = LocateOpen(places);
    const News news{
        .after = LastOf(located, index), .before = located[index], .since_ns = since_ns};
    if (TakeNew(series, places, news, index, now) || open_.size() >= kMaxOpen) return;
  }
  BeginAgain(std::move(known));
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
    if (oldest.file.begun()) last_retired_ = oldest.file.State();
    open_.front().file.splitter().Finish(sink);
    open_.pop_front();
  }
}

bool LogFollower::Poll(Time now, ReadPass& pass) {
  bool whole = false;
  // Each time it begins again without a file that was taken for another.
  for (size_t refused = refused_.size() + 1; refused != refused_.size();) {
    refused = refused_.size();
    for (int look = 0; !resume_.empty() && look < kMaxLooks && !FindResumed(now);) ++look;
    CheckPath(now);
    whole = ReadOpen(now, pass);
    if (!whole && !pass.go_on()) break;
  }
  TakeHealth(now);
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

std::vector<LogFileState> LogFollower::State() const {
  // Before the first Poll the checkpoint is still the truth.
  if (!resume_.empty()) return resume_;
  std::vector<LogFileState> out;
  for (const auto& each : open_) out.push_back(each.file.State());
  // Without a line of any of them, nothing would tell what is newer than what was read; and one
  // that was changed after them would be taken for a copy.
  const size_t begun = Begun(out);
  if (last_retired_ && !out.empty() &&
      (begun == 0 || last_retired_->modified_ns >= out[begun - 1].modified_ns)) {
    out.insert(out.begin(), *last_retired_);
  }
  return out;
}

}  // namespace aiops
