#include "collect/nginx/siblings.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace aiops {
namespace {

constexpr size_t kMaxSiblings = 1000;
constexpr size_t kMaxListed = 100'000;
constexpr std::string_view kCompressed[] = {".gz", ".bz2", ".xz", ".zst"};

Compression StripCompression(std::string_view& name) {
  for (const auto suffix : kCompressed) {
    if (!name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    return suffix == ".gz" ? Compression::kGzip : Compression::kOther;
  }
  return Compression::kNone;
}

bool AllDigits(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What stands in `name` where a rotation of `base` puts its number or date, without '-', '_' and
// ':'.
std::optional<std::string> RotationMark(std::string_view base, std::string_view name) {
  const size_t dot = base.rfind('.');
  const auto stem = base.substr(0, dot);
  const auto extension = dot == std::string_view::npos ? std::string_view{} : base.substr(dot);
  if (name.size() > base.size() + 1 && name.starts_with(base) &&
      (name[base.size()] == '.' || name[base.size()] == '-')) {
    name.remove_prefix(base.size() + 1);
  } else if (!extension.empty() && name.size() > base.size() + 1 && name.starts_with(stem) &&
             name.ends_with(extension) && (name[stem.size()] == '-' || name[stem.size()] == '.')) {
    name = name.substr(stem.size() + 1, name.size() - base.size() - 1);
  } else {
    return std::nullopt;
  }
  std::string mark(name);
  std::erase_if(mark, [](char c) { return c == '-' || c == '_' || c == ':'; });
  return mark;
}

struct Ranked {
  Sibling sibling;
  // Dates of six digits and more rise with time, numbers fall; a mark that is neither is ordered by
  // the time of its last change, before the others.
  std::tuple<int, std::int64_t> rank;
};

std::tuple<int, std::int64_t> RankOf(const std::string& mark, std::int64_t modified_ns) {
  if (!AllDigits(mark)) return {0, modified_ns};
  std::int64_t number = 0;
  std::from_chars(mark.data(), mark.data() + mark.size(), number);
  return mark.size() >= 6 ? std::tuple{1, number} : std::tuple{2, -number};
}

std::optional<Sibling> Look(const std::string& path, Compression compression) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return Sibling{path,
                 status.st_dev,
                 status.st_ino,
                 static_cast<std::uint64_t>(status.st_size),
                 std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
                 compression};
}

// What a symbolic link names, through others, though it may be missing just now. The path itself if
// it is none.
std::string TargetOf(std::string path) {
  constexpr int kMaxLinks = 16;
  std::array<char, PATH_MAX> target;
  for (int i = 0; i < kMaxLinks; ++i) {
    const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
    if (n <= 0) break;
    const std::string_view to(target.data(), static_cast<size_t>(n));
    const size_t slash = path.rfind('/');
    path = to.front() == '/' || slash == std::string::npos
               ? std::string(to)
               : path.substr(0, slash + 1) + std::string(to);
  }
  return path;
}

std::vector<Ranked> Rotated(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string base = path.substr(folder.size());
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.empty() ? "." : folder.c_str()),
                                                ::closedir);
  std::vector<Ranked> found;
  while (dir != nullptr && found.size() < kMaxListed) {
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    const Compression compression = StripCompression(name);
    const auto mark = RotationMark(base, name);
    if (!mark) continue;
    auto sibling = Look(folder + entry->d_name, compression);
    if (!sibling) continue;
    const auto rank = RankOf(*mark, sibling->modified_ns);
    found.push_back({*std::move(sibling), rank});
  }
  return found;
}

// What the kubelet rotates lies beside the file that the link names. The log is not listed twice.
void AddBeside(const std::string& target, std::vector<Ranked>& files) {
  struct stat log {};
  const bool there = ::stat(target.c_str(), &log) == 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> listed;
  if (there) listed.emplace(log.st_dev, log.st_ino);
  std::erase_if(files, [&](const Ranked& each) {
    return !listed.emplace(each.sibling.device, each.sibling.inode).second;
  });
  for (auto& each : Rotated(target)) {
    if (listed.emplace(each.sibling.device, each.sibling.inode).second)
      files.push_back(std::move(each));
  }
}

// What logrotate's renamecopy is about to copy was the log last: it lies where its time says.
void PlaceUnderWay(const std::string& path, std::vector<Ranked>& files) {
  const auto under_way = std::find_if(files.begin(), files.end(), [&](const Ranked& each) {
    return each.sibling.path == path + ".tmp";
  });
  if (under_way == files.end()) return;
  const auto last_older = std::find_if(files.rbegin(), files.rend(), [&](const Ranked& each) {
    return each.sibling.modified_ns <= under_way->sibling.modified_ns;
  });
  std::rotate(under_way, under_way + 1, std::max(under_way + 1, last_older.base()));
}

void DropCompressedTwins(std::vector<Ranked>& files) {
  std::set<std::string, std::less<>> originals;
  for (const auto& each : files) {
    if (each.sibling.compression == Compression::kNone) originals.insert(each.sibling.path);
  }
  std::erase_if(files, [&](const Ranked& each) {
    std::string_view name = each.sibling.path;
    return StripCompression(name) != Compression::kNone && originals.contains(name);
  });
}

std::vector<Sibling> ListOnce(const std::string& path) {
  auto found = Rotated(path);
  if (const std::string target = TargetOf(path); target != path) AddBeside(target, found);
  std::sort(found.begin(), found.end(), [](const Ranked& a, const Ranked& b) {
    return std::tie(a.rank, a.sibling.path) < std::tie(b.rank, b.sibling.path);
  });
  PlaceUnderWay(path, found);
  DropCompressedTwins(found);
  if (found.size() > kMaxSiblings) found.erase(found.begin(), found.end() - kMaxSiblings);
  std::vector<Sibling> out;
  for (auto& each : found) out.push_back(std::move(each.sibling));
  if (auto log = Look(path, Compression::kNone)) out.push_back(*std::move(log));
  return out;
}

}  // namespace

bool SameFiles(const std::vector<Sibling>& a, const std::vector<Sibling>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Sibling& one, const Sibling& other) {
        return one.path == other.path && one.inode == other.inode && one.device == other.device;
      });
}

std::vector<Sibling> ListSeries(const std::string& path) {
  auto last = ListOnce(path);
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto next = ListOnce(path);
    const bool agree = SameFiles(last, next);
    last = std::move(next);
    if (agree) break;
  }
  return last;
}

bool HasRotatedName(std::string_view path) {
  if (StripCompression(path) != Compression::kNone) return true;
  const size_t mark = path.find_last_of(".-");
  return mark != std::string_view::npos && AllDigits(path.substr(mark + 1)) &&
         path.find(".log") != std::string_view::npos && path.find(".log") < mark;
}

}  // namespace aiops
