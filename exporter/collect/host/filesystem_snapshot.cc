// How FilesystemWatch is written down: a line with version and boot, then one line a file system:
// mount point in hex (it may hold any byte), "rw" if it was writable, and since when it is full,
// filling, read-only.
#include <charconv>

#include "collect/host/filesystem_watch.h"
#include "collect/host/proc_text.h"

namespace aiops::host {
namespace {

constexpr std::string_view kVersion = "filesystems-1";
constexpr std::uint64_t kYear10000Millis = 253'402'300'800'000;

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::optional<std::string> Unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (error != std::errc() || stop != text.data() + i + 2) return std::nullopt;
    out += static_cast<char>(value);
  }
  return out;
}

std::string SinceText(const std::optional<Time>& since) {
  return since ? std::to_string(UnixMillis(*since)) : "-";
}

bool ParseSince(std::string_view word, std::optional<Time>& since) {
  if (word == "-") return true;
  const auto ms = ParseCount(word);
  if (!ms || *ms > kYear10000Millis) return false;
  since = FromUnixMillis(static_cast<std::int64_t>(*ms));
  return true;
}

std::optional<std::string> ParseHead(std::string_view line) {
  const auto words = Words(line);
  if (words.empty() || words.size() > 2 || words[0] != kVersion) return std::nullopt;
  return Unhex(words.size() == 2 ? words[1] : std::string_view{});
}

}  // namespace

std::string FilesystemWatch::Snapshot() const {
  std::string out = std::string(kVersion) + " " + Hex(boot_id_) + "\n";
  for (const auto& [mount_point, state] : states_) {
    out += Hex(mount_point) + (state.was_writable ? " rw " : " ro ") + SinceText(state.full_since) +
           " " + SinceText(state.filling_since) + " " + SinceText(state.read_only_since) + "\n";
  }
  return out;
}

bool FilesystemWatch::RestoreLine(std::string_view line, std::map<std::string, State>& states) {
  const auto words = Words(line);
  if (words.size() != 5 || states.size() >= kMaxFilesystems) return false;
  const auto mount_point = Unhex(words[0]);
  if (!mount_point) return false;
  State state;
  state.was_writable = words[1] == "rw";
  if (!ParseSince(words[2], state.full_since) || !ParseSince(words[3], state.filling_since) ||
      !ParseSince(words[4], state.read_only_since)) {
    return false;
  }
  return states.emplace(*mount_point, std::move(state)).second;
}

Result<void> FilesystemWatch::Restore(std::string_view snapshot) {
  std::optional<std::string> boot_id;
  std::map<std::string, State> states;
  bool good = true;
  bool first = true;
  ForEachLine(snapshot, [&](std::string_view line) {
    if (std::exchange(first, false))
      boot_id = ParseHead(line);
    else
      good &= RestoreLine(line, states);
  });
  if (!good || !boot_id) return Corruption("the saved state of the file systems is damaged");
  boot_id_ = *std::move(boot_id);
  states_ = std::move(states);
  return {};
}

}  // namespace aiops::host
