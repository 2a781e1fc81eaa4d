// How ContainerWatch is written down: JSON, times in milliseconds since the epoch.
#include <nlohmann/json.hpp>

#include "collect/docker/container_watch.h"

namespace aiops::docker {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr size_t kMaxEntries = 10000;
constexpr const char* kFacts[] = {"container_down", "container_unhealthy", "container_restart_loop",
                                  "container_oom_killed"};

Json ToJson(const Memory& memory) {
  Json json = Json::object();
  if (memory.stopped_on_purpose) json["stopped"] = true;
  if (memory.died_unasked) json["died"] = true;
  if (memory.restart_count.value_or(0) > 0) json["restart_count"] = *memory.restart_count;
  for (const auto& [at, count] : memory.restarts)
    json["restarts"].push_back({UnixMillis(at), count});
  if (memory.oom_at) json["oom_at"] = UnixMillis(*memory.oom_at);
  for (const auto& [fact, since] : memory.since) json["since"][fact] = UnixMillis(since);
  return json;
}

bool IsTrue(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_boolean() && it->get<bool>();
}

std::optional<std::int64_t> Count(const Json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT64_MAX / 2) return {};
  return value.get<std::int64_t>();
}

std::optional<std::int64_t> Count(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it == json.end() ? std::nullopt : Count(*it);
}

void ReadRestarts(const Json& json, Memory& memory) {
  const auto restarts = json.find("restarts");
  if (restarts == json.end() || !restarts->is_array()) return;
  for (const auto& entry : *restarts) {
    if (!entry.is_array() || entry.size() != 2) continue;
    const auto at = Count(entry[0]);
    const auto count = Count(entry[1]);
    if (at && count) memory.restarts.emplace_back(FromUnixMillis(*at), *count);
  }
}

Memory FromJson(const Json& json) {
  Memory memory;
  memory.stopped_on_purpose = IsTrue(json, "stopped");
  memory.died_unasked = IsTrue(json, "died");
  memory.restart_count = Count(json, "restart_count");
  ReadRestarts(json, memory);
  if (const auto at = Count(json, "oom_at")) memory.oom_at = FromUnixMillis(*at);
  const auto since = json.find("since");
  if (since == json.end() || !since->is_object()) return memory;
  for (const char* fact : kFacts)
    if (const auto at = Count(*since, fact)) memory.since.emplace(fact, FromUnixMillis(*at));
  return memory;
}

}  // namespace

std::string ContainerWatch::Snapshot() const {
  Json json = {{"version", kVersion}, {"containers", Json::object()}};
  if (events_until) json["events_until"] = UnixMillis(*events_until);
  for (const auto& [id, memory] : memories_) {
    auto entry = ToJson(memory);
    if (!entry.empty()) json["containers"][id] = std::move(entry);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<void> ContainerWatch::Restore(std::string_view snapshot) {
  const auto json = Json::parse(snapshot, nullptr, false);
  const bool good = json.is_object() && Count(json, "version") == kVersion &&
                    json.contains("containers") && json["containers"].is_object();
  if (!good) return Corruption("the saved state of the containers is damaged");
  if (const auto until = Count(json, "events_until")) events_until = FromUnixMillis(*until);
  for (const auto& [id, entry] : json["containers"].items())
    if (entry.is_object() && memories_.size() < kMaxEntries) memories_[id] = FromJson(entry);
  return {};
}

}  // namespace aiops::docker
