// How a LogFile goes on in a copy of another: what both have in common.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "collect/nginx/log_file.h"
#include "collect/nginx/read_at.h"

namespace aiops {
namespace {

// An edit in place (sed -i) moves the lines behind it by no more than this.
constexpr std::uint64_t kMoved = 512 * 1024;
constexpr size_t kLongestLine = 128 * 1024;
constexpr int kMaxLater = 64;  // lines that only the old one got

// The end of `what` in `text` that is the nearest to `place`.
std::optional<size_t> Nearest(std::string_view text, std::string_view what, size_t place) {
  std::optional<size_t> best;
  const auto distance = [&](size_t end) { return end > place ? end - place : place - end; };
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) {
    const size_t end = at + what.size();
    if (!best || distance(end) < distance(*best)) best = end;
  }
  return best;
}

}  // namespace

// Where the last lines that `old` has before `end` end in this file, though they lie elsewhere: the
// nearest place. Without those that were written to `old` after it was copied. 0 if they are gone.
std::uint64_t LogFile::EndOfMoved(const LogFile& old, std::uint64_t end) const {
  const std::uint64_t from = end - std::min(end, kMoved);
  const std::string text = BytesAt(fd_, from, 2 * kMoved);
  const std::uint64_t old_from = end - std::min<std::uint64_t>(end, kLongestLine);
  const std::string bytes = BytesAt(old.fd_, old_from, end - old_from);
  std::string_view lines = bytes;
  for (int i = 0; i < kMaxLater && lines.size() >= kFingerprintBytes; ++i) {
    const auto last = lines.substr(lines.size() - kFingerprintBytes);
    if (const auto place = Nearest(text, last, end - from)) return from + *place;
    lines = lines.substr(0, lines.substr(0, lines.size() - 1).rfind('\n') + 1);
  }
  return 0;
}

bool LogFile::BeganAs(const LogFile& other) const {
  const size_t size = std::min(head_.size(), other.head_.size());
  return head_.compare(0, size, other.head_, 0, size) == 0;
}

bool LogFile::SameBlock(const LogFile& other, std::uint64_t position) const {
  return BytesAt(fd_, position, kFingerprintBytes) ==
         BytesAt(other.fd_, position, kFingerprintBytes);
}

// The end of the last line that both have before they part, at most `end`. What lies behind that
// place is taken to differ: one file is the other with something else at its end.
std::uint64_t LogFile::CommonLines(const LogFile& other, std::uint64_t end) const {
  std::uint64_t same = 0;
  for (std::uint64_t differs = end / kFingerprintBytes + 1; differs - same > 1;) {
    const std::uint64_t middle = same + (differs - same) / 2;
    (SameBlock(other, (middle - 1) * kFingerprintBytes) ? same : differs) = middle;
  }
  const std::uint64_t block = same * kFingerprintBytes;
  const std::uint64_t from = block - std::min<std::uint64_t>(block, kLongestLine);
  const std::string mine = BytesAt(fd_, from, kLongestLine + kFingerprintBytes);
  const std::string others = BytesAt(other.fd_, block, kFingerprintBytes);
  size_t common = std::min<size_t>(mine.size(), block - from);
  for (size_t i = 0; i < others.size() && common < mine.size() && mine[common] == others[i]; ++i)
    ++common;
  const size_t newline = std::string_view(mine).substr(0, common).rfind('\n');
  return newline == std::string::npos ? 0 : std::min(end, from + newline + 1);
}

bool LogFile::HasLinesOf(const LogFile& other) const {
  return CommonLines(other, std::min(size(), other.size())) > 0 || other.HoldsAllOf(*this);
}

bool LogFile::GoOnBehind(const LogFile& old) {
  const LogFileState read = old.State();
  if (Holds(read)) {
    Seek(read);
    return true;
  }
  std::uint64_t place = EndOfMoved(old, read.offset);
  if (place == 0) place = CommonLines(old, std::min(read.offset, size()));
  if (place == 0) return false;
  GoTo(place);
  return true;
}

}  // namespace aiops
