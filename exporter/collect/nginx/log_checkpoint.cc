#include "collect/nginx/log_checkpoint.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace aiops {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr size_t kMaxFiles = 4096;
// The end of the year 9999.
constexpr std::int64_t kMaxMillis = 253402300800000;

json ToJson(const LogFileState& file) {
  return {file.device,      file.inode,    file.fingerprint.length, file.fingerprint.hash,
          file.offset,      file.skipping, file.modified_ns,        file.before.length,
          file.before.hash, file.unread};
}

json ToJson(std::int64_t end, const BinSlot& slot) {
  const auto& c = slot.counts;
  return {end, c.requests, c.errors_4xx, c.errors_5xx, c.bytes, slot.clients.Encode()};
}

json ToJson(const std::string& site, const ErrorRun& run) {
  json recent = json::array();
  for (const Time t : run.recent) recent.push_back(UnixMillis(t));
  return {site,
          run.count,
          UnixMillis(run.began),
          recent,
          run.status,
          run.path,
          run.since ? json(UnixMillis(*run.since)) : json(nullptr)};
}

// Thrown and caught in this file alone, beside the library's own exceptions.
struct Bad {};

void Require(bool condition) {
  if (!condition) throw Bad{};
}

std::uint64_t Unsigned(const json& value, std::uint64_t max) {
  Require(value.is_number_unsigned() && value.get<std::uint64_t>() <= max);
  return value.get<std::uint64_t>();
}

Time Instant(const json& value) {
  return FromUnixMillis(static_cast<std::int64_t>(Unsigned(value, kMaxMillis)));
}

LogFileState FileFrom(const json& j) {
  Require(j.is_array() && j.size() == 10);
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kSigned = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  LogFileState file;
  file.device = Unsigned(j[0], kAny);
  file.inode = Unsigned(j[1], kAny);
  file.fingerprint.length = static_cast<std::uint32_t>(Unsigned(j[2], kFingerprintBytes));
  file.fingerprint.hash = Unsigned(j[3], kAny);
  file.offset = Unsigned(j[4], kSigned);
  file.skipping = j[5].get<bool>();
  Require(j[6].is_number_integer());
  file.modified_ns = j[6].get<std::int64_t>();
  file.before.length = static_cast<std::uint32_t>(Unsigned(j[7], kFingerprintBytes));
  file.before.hash = Unsigned(j[8], kAny);
  file.unread = j[9].get<bool>();
  return file;
}

std::pair<std::int64_t, BinSlot> SlotFrom(const json& j) {
  Require(j.is_array() && j.size() == 6);
  constexpr std::uint64_t kMax = 1ull << 60;
  BinSlot slot;
  slot.counts = {Unsigned(j[1], kMax), Unsigned(j[2], kMax), Unsigned(j[3], kMax),
                 Unsigned(j[4], kMax)};
  auto clients = ClientSet::Decode(j[5].get_ref<const std::string&>());
  Require(clients.has_value());
  slot.clients = std::move(*clients);
  return {UnixMillis(Instant(j[0])), std::move(slot)};
}

std::pair<std::string, ErrorRun> RunFrom(const json& j) {
  Require(j.is_array() && j.size() == 7 && j[3].is_array());
  Require(j[3].size() <= SiteErrors::kMaxMinRequests);
  ErrorRun run;
  run.count = Unsigned(j[1], 1ull << 60);
  run.began = Instant(j[2]);
  for (const auto& t : j[3]) run.recent.push_back(Instant(t));
  run.status = static_cast<int>(Unsigned(j[4], 999));
  run.path = j[5].get<std::string>();
  if (!j[6].is_null()) run.since = Instant(j[6]);
  return {j[0].get<std::string>(), std::move(run)};
}

LogCheckpoint From(const json& j) {
  Require(j.is_object() && j.value("version", 0) == kVersion);
  LogCheckpoint out;
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  out.key = {Unsigned(j.at("key").at(0), kAny), Unsigned(j.at("key").at(1), kAny)};
  out.fields_seen = static_cast<std::uint32_t>(Unsigned(j.at("fields_seen"), 0xffffffff));
  if (!j.at("closed").is_null()) out.closed = Instant(j.at("closed"));
  Require(j.at("logs").is_object());
  for (const auto& [path, files] : j.at("logs").items()) {
    Require(files.is_array() && files.size() <= kMaxFiles);
    for (const auto& file : files) out.logs[path].push_back(FileFrom(file));
  }
  for (const auto& slot : j.at("slots")) out.slots.push_back(SlotFrom(slot));
  for (const auto& run : j.at("error_runs")) out.error_runs.push_back(RunFrom(run));
  return out;
}

}  // namespace

std::string Serialize(const LogCheckpoint& checkpoint) {
  json logs = json::object();
  for (const auto& [path, files] : checkpoint.logs) {
    json& list = logs[path] = json::array();
    for (const auto& file : files) list.push_back(ToJson(file));
  }
  json slots = json::array();
  for (const auto& [end, slot] : checkpoint.slots) slots.push_back(ToJson(end, slot));
  json runs = json::array();
  for (const auto& [site, run] : checkpoint.error_runs) runs.push_back(ToJson(site, run));
  const json out = {{"version", kVersion},
                    {"key", checkpoint.key},
                    {"fields_seen", checkpoint.fields_seen},
                    {"closed", checkpoint.closed ? json(UnixMillis(*checkpoint.closed)) : json()},
                    {"logs", std::move(logs)},
                    {"slots", std::move(slots)},
                    {"error_runs", std::move(runs)}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<LogCheckpoint> ParseLogCheckpoint(std::string_view text) {
  try {
    return From(json::parse(text));
  } catch (const json::exception&) {
    return Corruption("the log collector's checkpoint cannot be read");
  } catch (const Bad&) {
    return Corruption("the log collector's checkpoint holds impossible values");
  }
}

}  // namespace aiops
