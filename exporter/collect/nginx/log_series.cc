#include "collect/nginx/log_series.h"

#include <algorithm>

namespace aiops {

Result<LogFile> OpenListed(const Sibling& listed) {
  if (listed.compression == Compression::kOther) {
    return InvalidArgument(listed.path + " is compressed, and not by gzip");
  }
  auto file = LogFile::Open(listed.path, listed.compression == Compression::kGzip);
  if (file && !file->SameInode(listed.device, listed.inode)) {
    return NotFound(listed.path + " became another file");
  }
  return file;
}

bool LogPlaces::BeginsAs(size_t place, const Fingerprint& fingerprint) {
  const auto [head, first] = heads_.try_emplace(place);
  if (first) {
    if (const auto file = OpenListed(series_[place])) head->second = file->head();
  }
  return head->second && aiops::BeginsAs(*head->second, fingerprint);
}

bool LogPlaces::IsRefused(size_t place, const LogFileState& known) const {
  const FileId id{series_[place].device, series_[place].inode};
  return std::any_of(refused_.begin(), refused_.end(), [&](const Refusal& each) {
    return each.file == id && each.offset == known.offset && each.before == known.before;
  });
}

bool LogPlaces::MayBe(size_t place, const LogFileState& known) {
  const Sibling& each = series_[place];
  if (IsRefused(place, known)) return false;
  // Compression would have changed an empty file's inode.
  if (known.fingerprint.length == 0 && each.compression != Compression::kNone) return false;
  if (each.compression == Compression::kNone && each.size < known.offset) return false;
  if (!BeginsAs(place, known.fingerprint)) return false;
  const auto file = OpenListed(each);
  return file && file->Holds(known) && !IsCopyUnderWay(place, *file);
}

// Whether the log holds all of it: then the log is the one to go on in.
bool LogPlaces::IsCopyUnderWay(size_t place, const LogFile& file) const {
  const Sibling& log = series_.back();
  if (place + 1 == series_.size() || file.compressed() || taken_.back()) return false;
  const auto open = OpenListed(log);
  return open && !open->compressed() && open->HoldsAllOf(file);
}

std::optional<size_t> LogPlaces::ByInode(const LogFileState& known, bool open) {
  for (size_t i = 0; i < series_.size(); ++i) {
    if (taken_[i] || series_[i].device != known.device || series_[i].inode != known.inode) continue;
    if (open || MayBe(i, known)) return i;
  }
  return std::nullopt;
}

// The lower the likelier, among files of equal content that lie in the order of the known ones or
// not. Compression keeps the time of the last change; a file only grows.
int LogPlaces::Unlikely(size_t place, const LogFileState& known, bool in_order) const {
  const std::int64_t later = series_[place].modified_ns - known.modified_ns;
  return (in_order ? 0 : 3) + (later == 0 ? 0 : later > 0 ? 1 : 2);
}

// Of several that are equally likely, the oldest.
std::optional<size_t> LogPlaces::ByContent(std::span<const LogFileState> known, size_t i,
                                           const Places& places) {
  std::vector<std::pair<int, size_t>> free;
  for (size_t place = 0; place < series_.size(); ++place) {
    if (taken_[place]) continue;
    free.emplace_back(Unlikely(place, known[i], InOrder(places, i, place)), place);
  }
  std::sort(free.begin(), free.end());
  for (const auto& [_, place] : free) {
    if (MayBe(place, known[i])) return place;
  }
  return std::nullopt;
}

void LogPlaces::Take(Places& places, size_t i, std::optional<size_t> place) {
  places[i] = place;
  if (place) taken_[*place] = true;
}

LogPlaces::Places LogPlaces::LocateByInode(std::span<const LogFileState> known, bool open) {
  Places places(known.size());
  // A file of which nothing was read is hardly known: others may have its inode and begin like it.
  for (size_t i = 0; i < known.size(); ++i) {
    if (open || known[i].offset > 0) Take(places, i, ByInode(known[i], open));
  }
  return places;
}

void LogPlaces::LocateOthers(std::span<const LogFileState> known, bool open, Places& places) {
  const auto begun = [&](size_t i) { return open || known[i].offset > 0; };
  for (size_t i = 0; i < known.size(); ++i) {
    if (!places[i] && begun(i) && known[i].fingerprint.length > 0) {
      Take(places, i, ByContent(known, i, places));
    }
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (begun(i) || !places.back()) continue;
    const auto place = ByInode(known[i], open);
    if (place && InOrder(places, i, *place)) Take(places, i, place);
  }
}

LogPlaces::Places LogPlaces::Locate(std::span<const LogFileState> known, bool open) {
  Places places = LocateByInode(known, open);
  LocateOthers(known, open, places);
  return places;
}

// Whether the files known before the i-th lie before `place`, and those after it behind.
bool LogPlaces::InOrder(const Places& places, size_t i, size_t place) {
  for (size_t other = 0; other < places.size(); ++other) {
    if (places[other] && (other < i) != (*places[other] < place)) return false;
  }
  return true;
}

std::vector<size_t> LogPlaces::Free(std::optional<size_t> after,
                                    std::optional<size_t> before) const {
  std::vector<size_t> out;
  for (size_t i = after ? *after + 1 : 0; i < before.value_or(series_.size()); ++i) {
    if (!taken_[i]) out.push_back(i);
  }
  return out;
}

}  // namespace aiops
