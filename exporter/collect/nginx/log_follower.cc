#include "collect/nginx/log_follower.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace aiops {
namespace {

constexpr Duration kQuiet = minutes(1);        // of the file that was rotated away last
constexpr Duration kQuietOlder = seconds(10);  // of those before it
constexpr Duration kNewNormal = minutes(10);   // after so long a failure is none any more
constexpr size_t kMaxOpen = 256;
constexpr int kMaxTruncationsPerPoll = 8;

}  // namespace

bool LogFollower::IsOpen(std::uint64_t device, std::uint64_t inode) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const OpenFile& each) { return each.file.SameInode(device, inode); });
}

std::optional<LogFile> LogFollower::FindCopy(const LogFileState& saved,
                                             const std::vector<Sibling>& siblings) {
  std::vector<std::string> paths{path_};
  for (const auto& sibling : siblings) {
    if (!sibling.compressed) paths.push_back(sibling.path);
  }
  std::optional<LogFile> best;
  for (const auto& path : paths) {
    auto file = LogFile::Open(path);
    if (!file || !file->Holds(saved)) continue;
    const LogFileState state = file->State();
    if (IsOpen(state.device, state.inode)) continue;
    const bool same = file->SameInode(saved.device, saved.inode);
    // An empty file has no content to be known by.
    if (saved.fingerprint.length == 0 && !same) continue;
    if (!same && best) continue;
    best.emplace(std::move(*file));
    if (same) break;
  }
  if (best) best->Seek(saved);
  return best;
}

bool LogFollower::AddSaved(const LogFileState& saved, const std::vector<Sibling>& siblings,
                           Time now) {
  auto file = FindCopy(saved, siblings);
  if (!file) return false;
  Push(std::move(*file), now);
  if (saved.fingerprint.length == 0) open_.back().empty_ns = saved.modified_ns;
  return true;
}

void LogFollower::AddBetween(const std::vector<Sibling>& siblings, const LogFileState& last,
                             Time now) {
  const auto at = std::find_if(siblings.begin(), siblings.end(), [&](const Sibling& s) {
    return s.device == last.device && s.inode == last.inode;
  });
  const bool known = at != siblings.end();
  for (auto it = known ? at + 1 : siblings.begin(); it != siblings.end(); ++it) {
    // The last file is gone: what was changed after it was must be newer.
    if (!known && it->modified_ns < last.modified_ns) continue;
    if (IsOpen(it->device, it->inode)) continue;
    if (it->compressed) {
      if (known) ++counters_.files_lost;
      continue;
    }
    auto file = LogFile::Open(it->path);
    if (!file) continue;
    const LogFileState state = file->State();
    // The directory may have moved on since it was listed.
    if (state.device != it->device || state.inode != it->inode) continue;
    ++counters_.rotations;
    Push(std::move(*file), now);
  }
}

void LogFollower::FindResumed(Time now) {
  const auto saved = std::exchange(resume_, {});
  start_ = StartAt::kBeginning;
  auto current = LogFile::Open(path_);  // before the listing: whatever lies between is then listed
  const auto siblings = ListSiblings(path_);
  for (size_t i = 0; i + 1 < saved.size(); ++i) AddSaved(saved[i], siblings, now);
  LogFileState last = saved.back();
  if (AddSaved(last, siblings, now)) {
    last = open_.back().file.State();
  } else if (current && last.fingerprint.length > 0 &&
             current->SameInode(last.device, last.inode)) {
    // The same file without its end, or another content without a copy of the old one.
    current->Seek(last);
    current->Restart();
    ++counters_.truncations;
    ++counters_.files_lost;
    Push(std::move(*current), now);
    return;
  } else {
    ++counters_.files_lost;
  }
  if (!current || IsOpen(current->State().device, current->State().inode)) return;
  ++(current->SameInode(saved.back().device, saved.back().inode) ? counters_.truncations
                                                                 : counters_.rotations);
  // Opened first and put last: a file that was rotated away meanwhile is among the siblings, not in
  // between.
  const LogFileState state = current->State();
  auto between = siblings;
  std::erase_if(between, [&](const Sibling& s) {
    return s.device == state.device && s.inode == state.inode;
  });
  AddBetween(between, last, now);
  Push(std::move(*current), now);
}

void LogFollower::Push(LogFile file, Time now) {
  const std::int64_t modified_ns = file.State().modified_ns;
  open_.push_back({std::move(file), now, modified_ns});
}

void LogFollower::BeginFirst(LogFile file, Time now) {
  if (start_ == StartAt::kTail) began_in_middle_ = file.SeekTail(kTailBytes);
  start_ = StartAt::kBeginning;
  Push(std::move(file), now);
}

void LogFollower::CheckPath(Time now) {
  struct stat status {};
  if (!open_.empty() && ::stat(path_.c_str(), &status) == 0 &&
      IsOpen(status.st_dev, status.st_ino)) {
    error_.reset();
    return;
  }
  auto file = LogFile::Open(path_);
  if (!file) {
    const bool missing = file.error().kind == ErrorKind::kNotFound;
    if (missing && open_.empty()) start_ = StartAt::kBeginning;  // once it comes, it is all new
    if (missing && !open_.empty()) {
      error_.reset();
    } else {
      error_ = file.error();
    }
    return;
  }
  error_.reset();
  if (open_.empty()) return BeginFirst(std::move(*file), now);
  const LogFileState state = file->State();
  if (IsOpen(state.device, state.inode)) return;
  auto siblings = ListSiblings(path_);
  std::erase_if(siblings, [&](const Sibling& s) {
    return s.device == state.device && s.inode == state.inode;
  });
  AddBetween(siblings, open_.back().file.State(), now);
  ++counters_.rotations;
  Push(std::move(*file), now);
}

void LogFollower::OnTruncated(size_t index, Time now) {
  ++counters_.truncations;
  const LogFileState before = open_[index].file.State();
  open_[index].file.Restart();
  open_[index].empty_ns = open_[index].file.State().modified_ns;
  const auto siblings = ListSiblings(path_);
  std::deque<OpenFile> later;
  while (open_.size() > index) {
    later.push_front(std::move(open_.back()));
    open_.pop_back();
  }
  // copytruncate: the copy holds what was written between our last read and the truncation. The
  // truncated file itself stays open under the same inode and must not be taken for its copy.
  std::vector<Sibling> others = siblings;
  std::erase_if(others, [&](const Sibling& s) {
    return std::any_of(later.begin(), later.end(), [&](const OpenFile& each) {
      return each.file.SameInode(s.device, s.inode);
    });
  });
  if (before.fingerprint.length > 0 && later.front().file.State().offset == 0) {
    LogFileState copy = before;
    copy.inode = 0;
    if (AddSaved(copy, others, now)) AddBetween(others, open_.back().file.State(), now);
  }
  for (auto& each : later) open_.push_back(std::move(each));
}

// A file of which nothing was read may have been written to, copied and truncated between two
// looks: what was changed beside it since, and is not open, is such a copy. Files that were read to
// their end are no danger: they are retired only when this one has content.
void LogFollower::FindCopiesOfEmpty(size_t index, Time now) {
  const LogFileState state = open_[index].file.State();
  if (state.fingerprint.length > 0 || state.modified_ns == open_[index].empty_ns) return;
  LogFileState seen = state;
  seen.modified_ns = std::exchange(open_[index].empty_ns, state.modified_ns);
  seen.inode = 0;  // not to be found by
  const size_t before = open_.size();
  AddBetween(ListSiblings(path_), seen, now);
  std::rotate(open_.begin() + static_cast<std::ptrdiff_t>(index),
              open_.begin() + static_cast<std::ptrdiff_t>(before), open_.end());
}

void LogFollower::Retire(Time now, const LineSink& sink) {
  const auto retire = [&](size_t i) {
    open_[i].file.splitter().Finish(sink);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
  };
  bool written_after = false;
  for (size_t i = open_.size(); i-- > 0;) {
    const bool is_last = i + 1 == open_.size();
    const std::uint64_t size = open_[i].file.size();
    const Duration quiet = now - open_[i].last_growth;
    const bool done =
        is_last ? open_[i].file.deleted() && quiet >= kQuiet
                : written_after && quiet >= (i + 2 == open_.size() ? kQuiet : kQuietOlder);
    if (done) retire(i);
    written_after = written_after || size > 0;
  }
  while (open_.size() > kMaxOpen) retire(0);
}

bool LogFollower::Poll(Time now, ReadPass& pass) {
  if (!resume_.empty()) FindResumed(now);
  CheckPath(now);
  const bool whole = ReadOpen(now, pass);
  TakeHealth(now);
  return whole;
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

bool LogFollower::ReadOpen(Time now, ReadPass& pass) {
  int truncations = 0;
  for (size_t i = 0; i < open_.size(); ++i) {
    FindCopiesOfEmpty(i, now);
    const std::uint64_t before = std::exchange(pass.bytes_read, 0);
    const ReadOutcome outcome = open_[i].file.Read(pass);
    if (pass.bytes_read > 0) open_[i].last_growth = now;
    counters_.bytes_read += pass.bytes_read;
    pass.bytes_read += before;
    if (outcome == ReadOutcome::kInterrupted) return false;
    if (outcome == ReadOutcome::kFailed) error_ = Unavailable("cannot read " + path_);
    if (outcome != ReadOutcome::kTruncated || ++truncations > kMaxTruncationsPerPoll) continue;
    OnTruncated(i, now);
    --i;  // what was found of the old content comes first
  }
  Retire(now, pass.sink);
  return true;
}

std::vector<LogFileState> LogFollower::State() const {
  std::vector<LogFileState> out;
  // Before the first Poll the checkpoint is still the truth.
  if (!resume_.empty()) return resume_;
  for (const auto& each : open_) {
    out.push_back(each.file.State());
    if (out.back().fingerprint.length == 0) out.back().modified_ns = each.empty_ns;
  }
  return out;
}

}  // namespace aiops
