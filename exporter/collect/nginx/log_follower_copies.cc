// What LogFollower does where one of its files is a copy of another.
#include <algorithm>
#include <utility>

#include "collect/nginx/log_follower.h"

namespace aiops {

// Whether another file has the place of the one that had the path last, and begins alike (cp and
// mv, sed -i, rsync): opens it. False if it is none such, or is gone already.
bool LogFollower::TakeReplaced(const Sibling& place, Time now) {
  if (place.compression != Compression::kNone || open_.back().file.compressed()) return false;
  if (open_.back().file.SameInode(place.device, place.inode)) return false;
  auto file = OpenListed(place);
  if (!file || !file->HasLinesOf(open_.back().file)) return false;
  ++counters_.rotations;
  open_.back().copied = true;
  open_.push_back({*std::move(file), now, place.path});
  return true;
}

// The open file of which one that was not begun holds the beginning, or all, and nothing else.
std::optional<size_t> LogFollower::OriginalOf(size_t index) const {
  const LogFile& file = open_[index].file;
  if (file.begun() || file.compressed()) return std::nullopt;
  // Half a line may be the beginning of anything.
  const std::string_view head = file.head();
  if (head.size() < kFingerprintBytes && head.find('\n') == head.npos) return std::nullopt;
  for (size_t i = 0; i < open_.size(); ++i) {
    const LogFile& other = open_[i].file;
    if (i == index || other.compressed() || !other.BeganAs(file)) continue;
    if (other.HoldsAllOf(file) && (other.begun() || !file.HoldsAllOf(other))) return i;
  }
  return std::nullopt;
}

// A copy that is being made is not read: its lines are read where they were written.
bool LogFollower::WaitsAsCopy(size_t index) const { return OriginalOf(index).has_value(); }

// Of a copy that has the path: whether it is still being made.
bool LogFollower::Grew(OpenFile& copy) {
  const std::uint64_t size = copy.file.size();
  return std::exchange(copy.waited, size) < size;
}

// In a file that took another's place, or is a copy of it: behind what was read of the other.
void LogFollower::GoOnInCopy(size_t index) {
  LogFile& file = open_[index].file;
  if (file.begun() || file.compressed() || file.Identity().fingerprint.length == 0) return;
  bool has_its_place = true;
  for (size_t i = index; i-- > 0;) {
    const LogFile& old = open_[i].file;
    has_its_place = has_its_place && open_[i].copied;
    if (!old.begun() || old.compressed()) continue;
    if (has_its_place) {
      open_[i].copied = file.GoOnBehind(old);
      return;
    }
    // Files that begin alike may be no copies.
    if (!old.BeganAs(file)) continue;
    const LogFileState read = old.State();
    if (read.offset > kFingerprintBytes && file.Holds(read)) return file.Seek(read);
  }
}

// Whether the file is replaced by one in which more was read.
bool LogFollower::Superseded(size_t index) const {
  for (size_t i = index; i + 1 < open_.size() && open_[i].copied; ++i)
    if (open_[i + 1].file.begun()) return true;
  return false;
}

}  // namespace aiops
