// What LogFollower finds when it looks at the folder: rotated files, copies of what was truncated,
// and the files of a checkpoint.
#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "collect/nginx/log_follower.h"

namespace aiops {
namespace {

constexpr int kMaxLooks = 8;  // at a directory that changes while it is being looked at

// The newest place of the first `count` files.
std::optional<size_t> LastOf(const LogPlaces::Places& places, size_t count) {
  std::optional<size_t> last;
  for (size_t i = 0; i < count; ++i) last = std::max(last, places[i]);
  return last;
}

}  // namespace

bool LogFollower::LookUntilStill(const Look& look) const {
  for (int i = 0; i < kMaxLooks; ++i) {
    const auto series = ListSeries(path_);
    LogPlaces places(series, refused_);
    if (look(series, places)) return true;
  }
  return false;
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
    if (elsewhere_ && elsewhere_(path_, {each.device, each.inode})) continue;
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

// Where the open files are. The one that was let go last may have been changed after them, and what
// was read of one that was truncated since may be in a copy: those are not new either. `copied`:
// what is known best, so that none of those takes its place, `copy`.
LogPlaces::Places LogFollower::LocateOpen(LogPlaces& places, const LogFileState* copied,
                                          std::optional<size_t>* copy) const {
  std::vector<LogFileState> present;
  std::vector<LogFileState> read_before;
  if (last_retired_) read_before.push_back(*last_retired_);
  for (const auto& each : open_) {
    if (each.copied) {
      present.emplace_back();  // nowhere: its place is that of the one behind it
      continue;
    }
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
  LookUntilStill([&](const std::vector<Sibling>& series, LogPlaces& places) {
    const auto located = LocateOpen(places);
    if (located.back()) {
      TakeReplaced(series[*located.back()], now);
    } else if (!series.empty() && series.back().path == path_ && TakeReplaced(series.back(), now)) {
      return true;
    }
    News news{.after = LastOf(located, located.size()), .log_too = true};
    // If the last file is gone, one that is newer was at least changed after it.
    if (!located.back()) news.since_ns = open_.back().file.State().modified_ns;
    if (located.back()) news.after = located.back();
    behind_ = !TakeNew(series, places, news, open_.size(), now);
    return !behind_ || open_.size() >= kMaxOpen;
  });
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

// Those of which a line was read are `located`, or not; `told_before` of files_lost had been told.
void LogFollower::TellLost(const LogPlaces::Places& located, std::uint64_t told_before) {
  const size_t begun = located.size();
  for (size_t i = 0; i < begun; ++i) {
    // The last one may have been told already as a file that cannot be read.
    const bool untold = i + 1 == begun ? counters_.files_lost == told_before : resume_[i].unread;
    if (!located[i] && untold) Lose(path_, "a file that was being read is gone");
  }
  for (size_t i = begun; i < resume_.size(); ++i) {
    const bool found = std::any_of(open_.begin(), open_.end(), [&](const OpenFile& each) {
      return each.file.Holds(resume_[i]);
    });
    if (!found) Lose(path_, "a file that was to be read is gone");
  }
}

// False if the directory has moved on: nothing is open then.
bool LogFollower::FindResumed(const std::vector<Sibling>& series, LogPlaces& places, Time now) {
  const size_t begun = BegunIn(resume_);
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
  if (!std::exchange(resume_is_read_, false)) TellLost(located, before.files_lost);
  resume_.clear();
  start_ = StartAt::kBeginning;
  return true;
}

void LogFollower::OnTruncated(size_t index, Time now) {
  auto known = State();
  LogFileState before = open_[index].file.State();
  const auto cut_at = open_[index].file.Restart();
  before.inode = 0;  // which the truncated file has kept
  const bool found = LookUntilStill([&](const std::vector<Sibling>& series, LogPlaces& places) {
    return FindCopies(series, places, {index, before, cut_at}, now);
  });
  if (found) {
    ++counters_.truncations;
  } else {
    BeginAgain(std::move(known));
  }
}

// copytruncate: a copy holds what was written between our last read and the truncation, and later
// ones what came between that and others. False, with nothing done, if the directory has moved on.
bool LogFollower::FindCopies(const std::vector<Sibling>& series, LogPlaces& places,
                             const Truncation& truncation, Time now) {
  const auto& [index, before, cut_at] = truncation;
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

// Whether a file that was empty when it was found turns out to be the beginning of a copy
// (copytruncate), or all of one, of a file behind it. That is read where it was written; once it is
// truncated, the rest of it is looked for as in any copy.
bool LogFollower::IsCopy(size_t index) const {
  const LogFile& file = open_[index].file;
  return std::any_of(open_.begin() + static_cast<std::ptrdiff_t>(index) + 1, open_.end(),
                     [&](const OpenFile& original) {
                       // In this order: a copy is complete before its original is truncated.
                       if (original.file.HoldsAllOf(file)) return true;
                       const LogFileState read = original.file.State();
                       return read.offset > 0 && file.Holds(read);
                     });
}

// A file of which no line was read may have been written to, copied and truncated between two
// looks: what was changed beside it since, and is not open, is such a copy. Files that were read to
// their end are no danger: they are retired only when a line of a later one was read.
void LogFollower::FindCopiesOfUnknown(size_t index, Time now) {
  auto known = State();
  const std::int64_t since_ns = open_[index].file.State().modified_ns;
  if (!open_[index].file.RenewUnknown()) return;
  if (IsCopy(index)) {
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
    return;
  }
  const bool found = LookUntilStill([&](const std::vector<Sibling>& series, LogPlaces& places) {
    const auto located = LocateOpen(places);
    const News news{
        .after = LastOf(located, index), .before = located[index], .since_ns = since_ns};
    return TakeNew(series, places, news, index, now) || open_.size() >= kMaxOpen;
  });
  if (!found) BeginAgain(std::move(known));
}

}  // namespace aiops
