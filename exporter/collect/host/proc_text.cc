#include "collect/host/proc_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace aiops::host {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kDigits = "0123456789";

Error FileError(const std::string& path, int error) {
  const auto text = "cannot read " + path + ": " + std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR) return NotFound(text);
  if (error == EACCES || error == EPERM) return {ErrorKind::kUnauthorized, text};
  return Unavailable(text);
}

Result<std::string> ReadAll(int fd, const std::string& path, size_t max_bytes) {
  std::string text;
  char chunk[16384];
  for (;;) {
    const auto got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path, errno);
    if (got == 0) return text;
    text.append(chunk, static_cast<size_t>(got));
    if (text.size() > max_bytes) return Unavailable(path + " is longer than expected");
  }
}

// "sda1" -> "sda"; the name without its trailing digits.
std::string_view WithoutNumber(std::string_view name) {
  const auto last = name.find_last_not_of(kDigits);
  return last == std::string_view::npos ? std::string_view{} : name.substr(0, last + 1);
}

// [prefix][a-z], as in "sda" and "xvdb".
bool IsLetterDisk(std::string_view stem, std::string_view prefix) {
  return stem.size() == prefix.size() + 1 && stem.starts_with(prefix) && stem.back() >= 'a' &&
         stem.back() <= 'z';
}

// "nvme0n1p": what is left of an NVMe partition's name without its number.
bool IsNvmePartitionStem(std::string_view stem) {
  if (!stem.starts_with("nvme") || !stem.ends_with('p')) return false;
  stem = stem.substr(4, stem.size() - 5);
  const auto n = stem.find('n');
  if (n == 0 || n == std::string_view::npos || n + 1 == stem.size()) return false;
  const auto digits = [](std::string_view s) {
    return s.find_first_not_of(kDigits) == std::string_view::npos;
  };
  return digits(stem.substr(0, n)) && digits(stem.substr(n + 1));
}

}  // namespace

Result<std::string> ReadProcFile(const std::string& path, size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return FileError(path, errno);
  auto text = ReadAll(fd, path, max_bytes);
  close(fd);
  return text;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(kBlanks, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return words;
}

void ForEachLine(std::string_view text, const std::function<void(std::string_view)>& visit) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    visit(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

Counters ParseCpuIdle(std::string_view stat) {
  Counters idle;
  ForEachLine(stat, [&](std::string_view line) {
    if (!line.starts_with("cpu") || line.starts_with("cpu ")) return;
    const auto words = Words(line);
    if (words.size() < 5) return;
    if (const auto ticks = ParseCount(words[4])) idle.emplace(words[0], *ticks);
  });
  return idle;
}

bool IsWholeDisk(std::string_view device) {
  const auto stem = WithoutNumber(device);
  if (stem.size() == device.size()) return true;
  if (stem == "ram" || stem == "zram" || stem == "loop" || stem == "fd") return false;
  for (const auto prefix : {"hd", "sd", "vd", "xvd"})
    if (IsLetterDisk(stem, prefix)) return false;
  return !IsNvmePartitionStem(stem);
}

Counters ParseDiskBusy(std::string_view diskstats) {
  Counters busy;
  ForEachLine(diskstats, [&](std::string_view line) {
    const auto words = Words(line);
    if (words.size() < 13 || !IsWholeDisk(words[2])) return;
    if (const auto ms = ParseCount(words[12])) busy.emplace(words[2], *ms);
  });
  return busy;
}

NetworkBytes ParseNetworkBytes(std::string_view net_dev) {
  NetworkBytes bytes;
  ForEachLine(net_dev, [&](std::string_view line) {
    // Old kernels print no blank after the colon; an alias ("eth0:1") has one in its name.
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return;
    const auto name = Words(line.substr(0, colon));
    const auto words = Words(line.substr(colon + 1));
    if (name.size() != 1 || words.size() < 9) return;
    const auto received = ParseCount(words[0]);
    const auto transmitted = ParseCount(words[8]);
    if (!received || !transmitted) return;
    bytes.received.emplace(name[0], *received);
    bytes.transmitted.emplace(name[0], *transmitted);
  });
  return bytes;
}

std::optional<double> ParseMemoryPercent(std::string_view meminfo) {
  std::optional<std::uint64_t> total, available;
  ForEachLine(meminfo, [&](std::string_view line) {
    const auto words = Words(line);
    if (words.size() < 2) return;
    if (words[0] == "MemTotal:") total = ParseCount(words[1]);
    if (words[0] == "MemAvailable:") available = ParseCount(words[1]);
  });
  if (!total || !available || *total == 0 || *available > *total) return std::nullopt;
  return 100 * (1 - static_cast<double>(*available) / static_cast<double>(*total));
}

}  // namespace aiops::host
