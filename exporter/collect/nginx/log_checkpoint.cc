#include "collect/nginx/log_checkpoint.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace aiops {
namespace {

using nlohmann::json;

constexpr int kVersion = 2;
constexpr int kFirstVersion = 1;  // without sites, times and bytes_in
constexpr size_t kMaxFiles = 4096;
// The end of the year 9999.
constexpr std::int64_t kMaxMillis = 253402300800000;

json ToJson(const LogFileState& file) {
  return {file.device,      file.inode,    file.fingerprint.length, file.fingerprint.hash,
          file.offset,      file.skipping, file.modified_ns,        file.before.length,
          file.before.hash, file.unread};
}

// Of the slot with this end, or of the site with this id.
json ToJson(std::int64_t id, const Tally& tally) {
  const auto& c = tally.counts;
  return {id,
          c.requests,
          c.errors_4xx,
          c.errors_5xx,
          c.bytes,
          tally.clients.Encode(),
          c.bytes_in,
          tally.times.request.Encode(),
          tally.times.upstream.Encode()};
}

json ToJson(std::int64_t end, const BinSlot& slot) {
  json out = ToJson(end, slot.all);
  if (slot.sites.empty()) return out;
  json& sites = out.emplace_back(json::array());
  for (const auto& [site, tally] : slot.sites) sites.push_back(ToJson(site, tally));
  return out;
}

json ToJson(SiteId id, const KnownSite& site) {
  return {id, site.name, UnixMillis(site.since), UnixMillis(site.last)};
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

json ToJson(const ContainerCheckpoint& containers) {
  json places = json::array();
  for (const auto& [id, place] : containers.places) {
    const auto& mark = place.mark;
    places.push_back({id, place.name, mark.time_ns, mark.count, mark.hash, place.mark_lost,
                      UnixMillis(place.seen)});
  }
  return {{"listed", UnixMillis(*containers.listed)},
          {"places", std::move(places)},
          {"readers", containers.readers}};
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

template <class Sketch>
Sketch SketchFrom(const json& j) {
  auto sketch = Sketch::Decode(j.get_ref<const std::string&>());
  Require(sketch.has_value());
  return *std::move(sketch);
}

Tally TallyFrom(const json& j) {
  constexpr std::uint64_t kMax = 1ull << 60;
  Tally tally;
  tally.counts = {Unsigned(j[1], kMax), Unsigned(j[2], kMax), Unsigned(j[3], kMax),
                  Unsigned(j[4], kMax), 0};
  tally.clients = SketchFrom<ClientSet>(j[5]);
  if (j.size() == 6) return tally;
  tally.counts.bytes_in = Unsigned(j[6], kMax);
  tally.times = {SketchFrom<QuantileSketch>(j[7]), SketchFrom<QuantileSketch>(j[8])};
  return tally;
}

SiteId SiteIdFrom(const json& j) { return static_cast<SiteId>(Unsigned(j, kMaxSites)); }

std::pair<std::int64_t, BinSlot> SlotFrom(const json& j) {
  Require(j.is_array() && (j.size() == 6 || j.size() == 9 || j.size() == 10));
  BinSlot slot{TallyFrom(j), {}};
  if (j.size() == 10) {
    for (const auto& tally : j[9]) {
      Require(tally.is_array() && tally.size() == 9);
      Require(slot.sites.emplace(SiteIdFrom(tally[0]), TallyFrom(tally)).second);
    }
  }
  return {UnixMillis(Instant(j[0])), std::move(slot)};
}

std::pair<SiteId, KnownSite> SiteFrom(const json& j) {
  Require(j.is_array() && j.size() == 4);
  return {SiteIdFrom(j[0]), {j[1].get<std::string>(), Instant(j[2]), Instant(j[3])}};
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

std::pair<std::string, ContainerPlace> PlaceFrom(const json& j) {
  Require(j.is_array() && j.size() == 7);
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kSigned = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  ContainerPlace place;
  place.name = j[1].get<std::string>();
  place.mark = {static_cast<std::int64_t>(Unsigned(j[2], kSigned)), Unsigned(j[3], kAny),
                Unsigned(j[4], kAny)};
  place.mark_lost = j[5].get<bool>();
  place.seen = Instant(j[6]);
  return {j[0].get<std::string>(), std::move(place)};
}

ContainerCheckpoint ContainersFrom(const json& j) {
  ContainerCheckpoint out;
  out.listed = Instant(j.at("listed"));
  Require(j.at("places").is_array() && j.at("places").size() <= kMaxContainerPlaces);
  for (const auto& place : j.at("places")) Require(out.places.insert(PlaceFrom(place)).second);
  out.readers = j.at("readers").get<decltype(out.readers)>();
  return out;
}

LogCheckpoint From(const json& j) {
  Require(j.is_object());
  const int version = j.value("version", 0);
  Require(version >= kFirstVersion && version <= kVersion);
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
  for (const auto& slot : j.at("slots")) Require(out.slots.insert(SlotFrom(slot)).second);
  for (const auto& run : j.at("error_runs")) out.error_runs.push_back(RunFrom(run));
  if (j.contains("readers")) out.readers = j.at("readers").get<decltype(out.readers)>();
  if (j.contains("containers")) out.containers = ContainersFrom(j.at("containers"));
  if (version == kFirstVersion) return out;
  if (!j.at("sites_from").is_null()) out.sites_from = Instant(j.at("sites_from"));
  for (const auto& site : j.at("sites")) out.sites.push_back(SiteFrom(site));
  return out;
}

}  // namespace

std::string Serialize(const LogCheckpoint& checkpoint, LogBins::Slots::const_iterator first,
                      LogBins::Slots::const_iterator last) {
  json logs = json::object();
  for (const auto& [path, files] : checkpoint.logs) {
    json& list = logs[path] = json::array();
    for (const auto& file : files) list.push_back(ToJson(file));
  }
  json slots = json::array();
  for (const auto& [end, slot] : checkpoint.slots) slots.push_back(ToJson(end, slot));
  for (auto it = first; it != last; ++it) slots.push_back(ToJson(it->first, it->second));
  json runs = json::array();
  for (const auto& [site, run] : checkpoint.error_runs) runs.push_back(ToJson(site, run));
  json sites = json::array();
  for (const auto& [id, site] : checkpoint.sites) sites.push_back(ToJson(id, site));
  const auto instant = [](std::optional<Time> t) { return t ? json(UnixMillis(*t)) : json(); };
  json out = {{"version", kVersion},
              {"key", checkpoint.key},
              {"fields_seen", checkpoint.fields_seen},
              {"closed", instant(checkpoint.closed)},
              {"sites_from", instant(checkpoint.sites_from)},
              {"logs", std::move(logs)},
              {"slots", std::move(slots)},
              {"sites", std::move(sites)},
              {"error_runs", std::move(runs)},
              {"readers", checkpoint.readers}};
  if (checkpoint.containers.listed) out["containers"] = ToJson(checkpoint.containers);
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
