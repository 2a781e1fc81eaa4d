#include "collect/docker/parse.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/sanitize.h"

namespace aiops::docker {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxHealthOutputBytes = 200;
constexpr size_t kMaxEvents = 4096;

// Never null: an absent member, or one of a thing that is no object, is a null value.
const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

std::string Text(const Json& object, const char* key, size_t max_bytes = kMaxLabelBytes) {
  const auto& value = Member(object, key);
  return value.is_string() ? Sanitize(value.get_ref<const std::string&>(), max_bytes) : "";
}

std::int64_t Integer(const Json& object, const char* key) {
  const auto& value = Member(object, key);
  if (!value.is_number_integer()) return 0;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return INT64_MAX;
  return value.get<std::int64_t>();
}

int SmallInteger(const Json& object, const char* key) {
  return static_cast<int>(std::clamp<std::int64_t>(Integer(object, key), INT32_MIN, INT32_MAX));
}

bool Flag(const Json& object, const char* key) {
  const auto& value = Member(object, key);
  return value.is_boolean() && value.get<bool>();
}

// The engine writes the year 1 for "never".
std::optional<Time> Instant(const Json& object, const char* key) {
  const auto time = ParseTime(Text(object, key));
  if (!time || UnixMillis(*time) <= 0) return std::nullopt;
  return *time;
}

bool IsId(std::string_view id) {
  return id.size() >= 12 && id.size() <= 64 &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Links show up as "/other/alias"; the own name is the one without a second slash.
std::string OwnName(const Json& names) {
  if (!names.is_array()) return "";
  for (const auto& entry : names) {
    if (!entry.is_string()) continue;
    std::string_view name = entry.get_ref<const std::string&>();
    if (name.starts_with('/')) name.remove_prefix(1);
    if (!name.empty() && name.find('/') == std::string_view::npos) return Sanitize(name);
  }
  return "";
}

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

void ReadHealth(const Json& state, Inspection& out) {
  // Podman's own API calls it Healthcheck; its imitation of Docker's has had both.
  const auto& docker = Member(state, "Health");
  const auto& health = docker.is_object() ? docker : Member(state, "Healthcheck");
  out.health = Text(health, "Status");
  const auto& log = Member(health, "Log");
  if (log.is_array() && !log.empty())
    out.health_output = Trimmed(Text(log.back(), "Output", kMaxHealthOutputBytes));
}

std::optional<Event::Kind> KindOf(std::string_view action) {
  if (action == "start") return Event::Kind::kStart;
  if (action == "stop") return Event::Kind::kStop;
  if (action == "kill") return Event::Kind::kKill;
  if (action == "die" || action == "died") return Event::Kind::kDie;
  if (action == "oom") return Event::Kind::kOom;
  return std::nullopt;
}

std::optional<Event> ParseEvent(std::string_view line) {
  const auto json = Json::parse(line, nullptr, false);
  const auto& actor = Member(json, "Actor");
  const auto kind = KindOf(Text(json, "Action"));
  Event event;
  event.id = Text(actor, "ID");
  if (Text(json, "Type") != "container" || !kind || !IsId(event.id)) return std::nullopt;
  event.kind = *kind;
  constexpr std::int64_t kLatestNanos = 9'000'000'000'000'000'000;
  event.time = FromUnixMillis(std::clamp<std::int64_t>(Integer(json, "timeNano"), 0, kLatestNanos) /
                              1'000'000);
  const auto signal = Text(Member(actor, "Attributes"), "signal");
  for (const char c : signal.substr(0, 3))
    event.signal = c >= '0' && c <= '9' ? event.signal * 10 + (c - '0') : 0;
  return event;
}

}  // namespace

Result<ContainerList> ParseContainers(std::string_view json, size_t limit) {
  const auto parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_array()) return Corruption("the engine's list of containers is not a JSON array");
  ContainerList list;
  for (const auto& entry : parsed) {
    Container container{Text(entry, "Id"), OwnName(Member(entry, "Names")), Text(entry, "Image"),
                        Text(entry, "State"), Text(entry, "Status")};
    if (!IsId(container.id) || container.name.empty())
      ++list.malformed;
    else if (list.containers.size() >= limit)
      ++list.left_out;
    else
      list.containers.push_back(std::move(container));
  }
  return list;
}

Result<Inspection> ParseInspection(std::string_view json) {
  const auto parsed = Json::parse(json, nullptr, false);
  const auto& state = Member(parsed, "State");
  if (!state.is_object()) return Corruption("the engine's answer about a container is malformed");
  Inspection out;
  out.state = Text(state, "Status");
  out.exit_code = SmallInteger(state, "ExitCode");
  out.oom_killed = Flag(state, "OOMKilled");
  out.error = Text(state, "Error");
  out.started_at = Instant(state, "StartedAt");
  out.finished_at = Instant(state, "FinishedAt");
  out.restart_count = std::max<std::int64_t>(0, Integer(parsed, "RestartCount"));
  out.restart_policy = Text(Member(Member(parsed, "HostConfig"), "RestartPolicy"), "Name");
  out.image = Text(Member(parsed, "Config"), "Image");
  out.tty = Flag(Member(parsed, "Config"), "Tty");
  ReadHealth(state, out);
  return out;
}

std::vector<Event> ParseEvents(std::string_view lines) {
  std::vector<Event> events;
  while (!lines.empty() && events.size() < kMaxEvents) {
    const auto end = std::min(lines.find('\n'), lines.size());
    if (auto event = ParseEvent(lines.substr(0, end))) events.push_back(*std::move(event));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
  return events;
}

std::string ParseApiVersion(std::string_view json) {
  return Text(Json::parse(json, nullptr, false), "ApiVersion");
}

}  // namespace aiops::docker
